// What every view may ask for: the page's state, and texts in the person's language.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Language } from "../platform/locale";
import type { Chat } from "../state/chat";
import type { Home } from "../state/home";

export const HomeContext = createContext<Home | null>(null);

export function useHome(): Home {
  const home = useContext(HomeContext);
  if (!home) throw new Error("drawn outside of HomeContext");
  return home;
}

export function useLanguage(): Language {
  const language = useHome().language.value;
  if (!language) throw new Error("drawn before there are words");
  return language;
}

/** Only inside the hall, where somebody is signed in. */
export function useChat(): Chat {
  const chat = useHome().chat.value;
  if (!chat) throw new Error("nobody is signed in");
  return chat;
}
