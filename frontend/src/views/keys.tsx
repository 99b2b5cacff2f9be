// The keyboard: what works everywhere in the hall, and the list of it.
import { useEffect, useRef } from "preact/hooks";
import type { TextKey } from "../platform/locale";
import type { Chat } from "../state/chat";
import type { Home } from "../state/home";
import { useChat, useHome, useLanguage } from "./context";
import { CloseIcon } from "./icons";

const DIALOG_ID = "keys";

export function useKeys(): void {
  const home = useHome();
  const chat = useChat();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing) return;
      if (act(event, home, chat)) event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [home, chat]);
}

/** True if the key meant something. */
function act(event: KeyboardEvent, home: Home, chat: Chat): boolean {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "k") return findConversation(home);
  if (command && event.key === "/") return toggleKeys();
  if (event.altKey && event.key === "ArrowDown") return step(home, chat, 1);
  if (event.altKey && event.key === "ArrowUp") return step(home, chat, -1);
  if (event.key === "Escape" && !event.defaultPrevented) return closeDetails(home);
  return false;
}

function findConversation(home: Home): boolean {
  const field = () => document.getElementById("find-conversation");
  if (field()?.checkVisibility()) field()?.focus();
  else {
    home.route.go({ screen: "list" });
    requestAnimationFrame(() => field()?.focus()); // once the list is drawn
  }
  return true;
}

function step(home: Home, chat: Chat, by: number): boolean {
  const list = chat.list.value;
  const at = list.findIndex((record) => record.id === chat.open.value?.id);
  const next = list[at < 0 ? 0 : at + by];
  if (next) home.route.go({ screen: "channel", id: next.id, details: false });
  return true;
}

function closeDetails(home: Home): boolean {
  const place = home.route.place.value;
  if (place.screen !== "channel" || !place.details) return false;
  home.route.go({ ...place, details: false });
  return true;
}

function toggleKeys(): boolean {
  const dialog = document.getElementById(DIALOG_ID) as HTMLDialogElement | null;
  if (dialog?.open) dialog.close();
  else dialog?.showModal();
  return true;
}

const KEYS: [string, TextKey][] = [
  ["Enter", "keys.send"],
  ["Shift + Enter", "keys.newline"],
  ["↑", "keys.edit_last"],
  ["Ctrl/⌘ + K", "keys.switch"],
  ["Alt + ↑ ↓", "keys.next"],
  ["Esc", "keys.close"],
  ["Ctrl/⌘ + /", "keys.list"],
];

export function KeysDialog() {
  const language = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <dialog id={DIALOG_ID} ref={dialog} aria-labelledby="keys-title">
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
