// What every view may ask for: the page's state, and texts in the person's language.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Language, TextKey, Words } from "../platform/locale";
import type { Chat } from "../state/chat";
import type { Home } from "../state/home";

export const HomeContext = createContext<Home | null>(null);

export function useHome(): Home {
  const home = useContext(HomeContext);
  if (!home) throw new Error("drawn outside of HomeContext");
  return home;
}

/** `words`: those of the part of the page that asks, if it brings its own. */
export function useLanguage(): Language;
export function useLanguage<Key extends string>(words: Words<Key>): Language<TextKey | Key>;
export function useLanguage(words?: Words<string>): Language {
  const language = useHome().language.value;
  if (!language) throw new Error("drawn before there are words");
  return words ? language.with(words) : language;
}

/** Only inside the hall, where somebody is signed in. */
export function useChat(): Chat {
  const chat = useHome().chat.value;
  if (!chat) throw new Error("nobody is signed in");
  return chat;
}
