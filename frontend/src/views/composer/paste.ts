// Pasting rich text: a chunk of its own, loaded when it first happens.
import { markdownOf } from "../../text/from-html";

/** `plain` is what the clipboard holds beside the HTML, and what stays when that says no more. */
export function pastedText(html: string, plain: string): string {
  // An inert document: no script runs, nothing is loaded, and only its words are taken.
  return markdownOf(new DOMParser().parseFromString(html, "text/html")) ?? plain;
}
