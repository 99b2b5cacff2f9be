// Identifiers this page makes: UUID version 7 (RFC 9562 section 5.7), so that they sort by time of making.

/** `now` in milliseconds since 1970; `random` fills the given bytes (crypto.getRandomValues in the page). */
export function uuid7(now: number, random: (bytes: Uint8Array<ArrayBuffer>) => void): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 256 ** (5 - i)) % 256;
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** UUIDs that sort in the order they were asked for, even within a millisecond or when the clock steps back. */
export function orderedUuids(clock: () => number, random: (bytes: Uint8Array<ArrayBuffer>) => void): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, clock());
    return uuid7(last, random);
  };
}
