// The formatting buttons, and how the text will look: a chunk of its own, loaded when "Aa" or a shortcut asks for it.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { formatted, type Format } from "../../text/formatting";
import { useLanguage } from "../context";
import { RichText } from "../rich-text";
import { replaceIn } from "./field";
import * as drawings from "./tool-icons";
import { WORDS, type WritingWord } from "./words";

interface Tool {
  format: Format;
  name: WritingWord;
  keys: string;
  drawing: ComponentChildren;
}

export const TOOLS: readonly Tool[] = [
  { format: "bold", name: "bold", keys: "B", drawing: <drawings.BoldIcon /> },
  { format: "italic", name: "italic", keys: "I", drawing: <drawings.ItalicIcon /> },
  { format: "strike", name: "strike", keys: "Shift+X", drawing: <drawings.StrikeIcon /> },
  { format: "code", name: "code", keys: "E", drawing: <drawings.CodeIcon /> },
  { format: "quote", name: "quote", keys: "Shift+9", drawing: <drawings.QuoteIcon /> },
  { format: "list", name: "list", keys: "Shift+8", drawing: <drawings.ListIcon /> },
  { format: "link", name: "link", keys: "Shift+U", drawing: <drawings.LinkIcon /> },
  { format: "spoiler", name: "spoiler", keys: "Shift+S", drawing: <drawings.SpoilerIcon /> },
];

export function applyFormat(field: HTMLTextAreaElement, format: Format): void {
  const { value, selectionStart, selectionEnd } = field;
  replaceIn(field, formatted(format, { text: value, start: selectionStart, end: selectionEnd }));
}

interface ToolbarProps {
  field: () => HTMLTextAreaElement | null;
  previewing: boolean;
  onPreview: () => void;
}

export function Toolbar({ field, previewing, onPreview }: ToolbarProps) {
  const language = useLanguage(WORDS);
  const bar = useRef<HTMLDivElement>(null);
  const command = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl+";
  return (
    <div
      class="tools"
      ref={bar}
      role="toolbar"
      aria-label={language.text("composer.formatting")}
      onKeyDown={(event) => rove(event, bar.current)}
    >
      {TOOLS.map(({ format, name, keys, drawing }, index) => (
        <button
          key={format}
          type="button"
          class="icon-button"
          tabIndex={index === 0 ? 0 : -1}
          aria-label={language.text(name)}
          title={`${language.text(name)} (${command}${keys})`}
          onPointerDown={(event) => event.preventDefault()} // the selection stays
          onClick={() => {
            const element = field();
            if (element) applyFormat(element, format);
          }}
        >
          {drawing}
        </button>
      ))}
      <button type="button" class="link preview-switch" tabIndex={-1} aria-pressed={previewing} onClick={onPreview}>
        {language.text("preview")}
      </button>
    </div>
  );
}

export function Preview({ text }: { text: string }) {
  const language = useLanguage(WORDS);
  return (
    <section class="preview" aria-label={language.text("preview")} tabIndex={0}>
      {text.trim() ? <RichText text={text} /> : <p class="quiet">{language.text("previewEmpty")}</p>}
    </section>
  );
}

/** One stop for Tab; arrows move within. */
function rove(event: KeyboardEvent, bar: HTMLElement | null): void {
  const buttons = [...(bar?.querySelectorAll("button") ?? [])];
  const at = buttons.findIndex((button) => button === document.activeElement);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  const next = buttons[(to + buttons.length) % buttons.length];
  for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
  next?.focus();
}
