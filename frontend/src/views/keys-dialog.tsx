// The list of what the keyboard does.
import { useLayoutEffect, useRef } from "preact/hooks";
import type { TextKey } from "../platform/locale";
import { useLanguage } from "./context";
import { CloseIcon } from "./icons";

const KEYS: [string, TextKey][] = [
  ["Enter", "keys.send"],
  ["Shift + Enter", "keys.newline"],
  ["↑", "keys.edit_last"],
  ["Ctrl/⌘ + K", "keys.switch"],
  ["Alt + ↑ ↓", "keys.next"],
  ["Alt + Shift + ↓", "keys.next_unread"],
  ["↑ ↓", "keys.rove"],
  ["Shift + F10", "keys.menu"],
  ["Esc", "keys.close"],
  ["Ctrl/⌘ + /", "keys.list"],
];

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const language = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog id="keys" ref={dialog} onClose={onClose} aria-labelledby="keys-title">
      <header class="pane-header">
        <h2 id="keys-title">{language.text("keys.title")}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={language.text("common.close")}
          onClick={() => dialog.current?.close()}
        >
          <CloseIcon />
        </button>
      </header>
      <dl>
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{language.text(meaning)}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
