// Changing what stands in the field as if it had been typed.
import type { Replacement } from "../../text/formatting";

/** Keeps the field's undo history where the browser can; fires `input` either way. */
export function replaceIn(field: HTMLTextAreaElement, { from, to, insert, start, end }: Replacement): void {
  field.focus();
  field.setSelectionRange(from, to);
  // Deprecated, and still the only way that "undo" knows of.
  const done = insert === "" ? document.execCommand("delete") : document.execCommand("insertText", false, insert);
  if (!done || field.value.slice(from, from + insert.length) !== insert) {
    field.setRangeText(insert, from, to, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(start, end);
}

/** Instead of `[from, to)`, the caret behind it. */
export function insertAt(field: HTMLTextAreaElement, from: number, to: number, insert: string): void {
  const caret = from + insert.length;
  replaceIn(field, { from, to, insert, start: caret, end: caret });
}

/** Where the caret is, or instead of what is selected. */
export function insertHere(field: HTMLTextAreaElement, insert: string): void {
  insertAt(field, field.selectionStart, field.selectionEnd, insert);
}

/** As high as its text, within what the style sheet allows. */
export function fit(field: HTMLTextAreaElement | null): void {
  if (!field || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
