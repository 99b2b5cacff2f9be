// What other apps share to Maru arrives as a form (manifest: share_target): kept until the page has asked to whom.
import { keepShared } from "../src/platform/shared";

const SHARE = "/share";

export const isShare = (request: Request, url: URL) => request.method === "POST" && url.pathname === SHARE;

/** Keeps it and leads to the screen that asks. Files are counted only: they cannot be sent yet. */
export async function takeShare(request: Request): Promise<Response> {
  const form = await request.formData();
  const said = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const parts = [said("title"), said("text"), said("url")];
  const text = parts.filter((part, at) => part && !parts.slice(at + 1).some((later) => later.includes(part)));
  const files = form.getAll("files").filter((file) => typeof file !== "string" && file.size > 0);
  await keepShared({ text: text.join("\n"), files: files.length });
  return Response.redirect(SHARE, 303);
}
