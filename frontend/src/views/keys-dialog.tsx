// The list of what the keyboard does.
import { useLayoutEffect, useRef } from "preact/hooks";
import { TOOLS } from "./composer/tools";
import { WORDS } from "./composer/words";
import { useLanguage } from "./context";
import { LATER, type LaterKey } from "./later-words";
import { CloseIcon } from "./icons";

const KEYS: [string, LaterKey][] = [
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
  const language = useLanguage(LATER);
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const writing = useLanguage(WORDS);
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
          <Key key={key} keys={key} meaning={language.text(meaning)} />
        ))}
      </dl>
      <h3>{language.text("composer.formatting")}</h3>
      <dl>
        {TOOLS.map(({ format, name, keys }) => (
          <Key key={format} keys={`Ctrl/⌘ + ${keys.replace("+", " + ")}`} meaning={writing.text(name)} />
        ))}
      </dl>
    </dialog>
  );
}

function Key({ keys, meaning }: { keys: string; meaning: string }) {
  return (
    <div>
      <dt>
        <kbd>{keys}</kbd>
      </dt>
      <dd>{meaning}</dd>
    </div>
  );
}
