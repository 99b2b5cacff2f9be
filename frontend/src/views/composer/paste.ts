// Pasting rich text: a chunk of its own, loaded when it first happens.
import { markdownOf } from "../../text/from-html";

/** `plain` is what the clipboard holds beside the HTML, and what stays when that says no more. */
export function pastedText(html: string, plain: string): string {
  return markdownOf(inertDocument(html)) ?? plain;
}

/**
 * A document without a window: no script runs in it, nothing is loaded, no event is heard. Only words are taken from
 * it, so the page's one Trusted Types policy for HTML stands here, beside its only use.
 */
function inertDocument(html: string): Document {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy("maru-paste", { createHTML: (text) => text });
  return new DOMParser().parseFromString(policy?.createHTML(html) ?? html, "text/html");
}

/** Of the browser's interface, which TypeScript does not know yet, what is used here. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): { createHTML(text: string): string };
}
