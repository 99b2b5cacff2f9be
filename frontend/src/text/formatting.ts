// What the formatting buttons do to a text and its selection.
import { isSafe } from "./addresses";

export interface Selected {
  text: string;
  start: number;
  end: number;
}

/** `[from, to)` of the text becomes `insert`; then `[start, end)` of the whole is selected. */
export interface Replacement {
  from: number;
  to: number;
  insert: string;
  start: number;
  end: number;
}

export type Format = "bold" | "italic" | "strike" | "spoiler" | "code" | "quote" | "list" | "link";

const MARKS = { bold: "**", italic: "_", strike: "~~", spoiler: "||" } as const;
const PREFIXES = { quote: "> ", list: "- " } as const;
const ADDRESS_TO_BE = "https://";

export function formatted(format: Format, selected: Selected): Replacement {
  switch (format) {
    case "bold":
    case "italic":
    case "strike":
    case "spoiler":
      return marked(selected, MARKS[format]);
    case "code":
      return selectedText(selected).includes("\n") ? fenced(selected) : marked(selected, "`");
    case "quote":
    case "list":
      return prefixed(selected, PREFIXES[format]);
    case "link":
      return linked(selected);
  }
}

/** Between marks; again, and they are gone. Spaces at the ends stay outside: marks beside a space are none. */
function marked(selected: Selected, mark: string): Replacement {
  const { text } = selected;
  const inner = selectedText(selected);
  const start = selected.start + (inner.length - inner.trimStart().length);
  const end = Math.max(start, selected.end - (inner.length - inner.trimEnd().length));
  const words = text.slice(start, end);
  const { length } = mark;
  if (text.slice(start - length, start) === mark && text.slice(end, end + length) === mark) {
    return { from: start - length, to: end + length, insert: words, start: start - length, end: end - length };
  }
  return { from: start, to: end, insert: mark + words + mark, start: start + length, end: end + length };
}

function fenced({ text, start, end }: Selected): Replacement {
  const before = start > 0 && text[start - 1] !== "\n" ? "\n" : "";
  const after = end < text.length && text[end] !== "\n" ? "\n" : "";
  const opening = `${before}\`\`\`\n`;
  const insert = `${opening}${text.slice(start, end)}\n\`\`\`${after}`;
  return { from: start, to: end, insert, start: start + opening.length, end: end + opening.length };
}

/** Before every line the selection touches; if all have it already, before none. */
function prefixed({ text, start, end }: Selected, prefix: string): Replacement {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = text.indexOf("\n", Math.max(start, end - 1));
  const to = lineEnd < 0 ? text.length : lineEnd;
  const lines = text.slice(from, to).split("\n");
  const all = lines.every((line) => line.startsWith(prefix));
  const insert = lines.map((line) => (all ? line.slice(prefix.length) : prefix + line)).join("\n");
  const caret = from + insert.length;
  return { from, to, insert, start: start === end ? caret : from, end: caret };
}

/** The label stays, the address is what is typed next; an address that was selected waits for its label. */
function linked(selected: Selected): Replacement {
  const { start, end } = selected;
  const words = selectedText(selected);
  if (isSafe(words)) return { from: start, to: end, insert: `[](${words})`, start: start + 1, end: start + 1 };
  const insert = `[${words}](${ADDRESS_TO_BE})`;
  const address = start + words.length + 3;
  if (!words) return { from: start, to: end, insert, start: start + 1, end: start + 1 };
  return { from: start, to: end, insert, start: address, end: address + ADDRESS_TO_BE.length };
}

const selectedText = ({ text, start, end }: Selected) => text.slice(start, end);
