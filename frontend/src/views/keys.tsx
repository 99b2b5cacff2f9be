// The keyboard: what works everywhere in the hall.
import { useEffect } from "preact/hooks";
import type { Chat } from "../state/chat";
import type { Home } from "../state/home";
import { isMuted } from "../state/muting";
import { unreadOf } from "../sync/apply";
import { useChat, useHome } from "./context";

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
  if (command && event.key.toLowerCase() === "k") return toggleSwitcher(home);
  if (command && event.key === "/") return toggleKeys(home);
  if (document.querySelector("dialog:modal")) return false;
  if (event.altKey && event.shiftKey && event.key === "ArrowDown") return stepToUnread(home, chat);
  if (event.altKey && event.key === "ArrowDown") return step(home, chat, 1);
  if (event.altKey && event.key === "ArrowUp") return step(home, chat, -1);
  if (event.key === "Escape" && !event.defaultPrevented) return closeDetails(home);
  return false;
}

function toggleSwitcher(home: Home): boolean {
  const open = document.querySelector<HTMLDialogElement>("dialog:modal");
  if (home.switching.value) open?.close();
  else home.switching.value = open === null; // another dialog has the floor
  return true;
}

function step(home: Home, chat: Chat, by: number): boolean {
  const list = chat.list.value;
  const at = list.findIndex((record) => record.id === chat.open.value?.id);
  const next = list[at < 0 ? 0 : at + by];
  if (next) home.route.go({ screen: "channel", id: next.id, details: false });
  return true;
}

/** The next one below that has unread messages and is not muted; from the top again after the last. */
function stepToUnread(home: Home, chat: Chat): boolean {
  const list = chat.list.value;
  const at = list.findIndex((record) => record.id === chat.open.value?.id);
  const now = home.now.value;
  const order = [...list.slice(at + 1), ...list.slice(0, Math.max(at, 0))];
  const next = order.find((record) => unreadOf(record) > 0 && !isMuted(record, now));
  if (next) home.route.go({ screen: "channel", id: next.id, details: false });
  return true;
}

function closeDetails(home: Home): boolean {
  const place = home.route.place.value;
  if (place.screen !== "channel" || !place.details) return false;
  home.route.go({ ...place, details: false });
  return true;
}

function toggleKeys(home: Home): boolean {
  const open = document.querySelector<HTMLDialogElement>("dialog:modal");
  if (home.listingKeys.value) open?.close();
  else home.listingKeys.value = open === null;
  return true;
}
