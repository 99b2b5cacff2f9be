// Whether a person is here: a mark on their pebble, and words for those who want or need them.
import type { Language } from "../platform/locale";
import type { Presence, UserId } from "../protocol/types";
import { Avatar, type AvatarProps } from "./avatar";
import { useChat, useHome, useLanguage } from "./context";
import { useDerived } from "./derived";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export function usePresence(id: UserId | undefined): Presence | undefined {
  const chat = useChat();
  return useDerived(() => (id === undefined ? undefined : chat.presences.of(id)), [chat, id]);
}

/** A person's pebble, with the mark of who is here: filled in use, hollow away. Not here or not known: none. */
export function PersonAvatar({ id, ...avatar }: { id: UserId | undefined } & AvatarProps) {
  const state = usePresence(id)?.state;
  return (
    <span class="avatar-frame" aria-hidden="true">
      <Avatar {...avatar} />
      {(state === "online" || state === "away") && <span class="presence" data-state={state} />}
    </span>
  );
}

/** The same for those who do not see the mark. */
export function PresenceAloud({ id }: { id: UserId | undefined }) {
  const language = useLanguage();
  const state = usePresence(id)?.state;
  if (state !== "online" && state !== "away") return null;
  return <span class="visually-hidden"> ({language.text(`presence.${state}`)})</span>;
}

/** In words, with how long ago; nothing where nothing is known. */
export function PresenceWords({ id }: { id: UserId | undefined }) {
  const home = useHome();
  const language = useLanguage();
  const presence = usePresence(id);
  const words = presence && wordsOf(presence, language, home.now.value);
  return words ? <p class="quiet">{words}</p> : null;
}

export function wordsOf({ state, last_active_at: at }: Presence, language: Language, now: number): string {
  if (state === "unknown") return "";
  if (state !== "offline" || at == null) return language.text(`presence.${state}`);
  const ago = now - at;
  if (ago < MINUTE_MS) return language.text("presence.just_now");
  if (ago < HOUR_MS) return language.counted("presence.minutes", Math.floor(ago / MINUTE_MS));
  if (ago < DAY_MS) return language.counted("presence.hours", Math.floor(ago / HOUR_MS));
  if (ago < 7 * DAY_MS) return language.counted("presence.days", Math.floor(ago / DAY_MS));
  return language.text("presence.on", { day: language.brief(at, now) });
}
