// The cheapest honest sign-in: `user:channel:` and an HMAC of it. Maru looks a session up in its database.
import { createHmac, timingSafeEqual } from "node:crypto";

/** The channel a token was made for, or undefined when it is not ours. */
export function channelOf(token, secret) {
  const at = String(token).lastIndexOf(":");
  const given = Buffer.from(String(token).slice(at + 1), "hex");
  const own = createHmac("sha256", secret).update(String(token).slice(0, at)).digest();
  if (given.length !== own.length || !timingSafeEqual(given, own)) return undefined;
  return String(token).split(":")[1];
}
