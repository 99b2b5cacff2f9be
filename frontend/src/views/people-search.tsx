// Finding people by name, as one types.
import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { User } from "../protocol/types";
import { useChat, useHome, useLanguage } from "./context";
import { LATER } from "./later-words";
import { SearchIcon } from "./icons";
import { linkTo } from "./link";
import { PersonAvatar, PresenceAloud } from "./presence";

const PAUSE_MS = 180;

interface PeopleSearchProps {
  /** Not offered: chosen already, or oneself. */
  without: ReadonlySet<string>;
  label: string;
  action: (user: User) => ComponentChildren;
  autofocus?: boolean;
}

export function PeopleSearch({ without, label, action, autofocus = false }: PeopleSearchProps) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const [query, setQuery] = useState("");
  const found = useFound(query.trim());
  const shown = found?.filter((user) => user.id !== chat.me.value.id && !without.has(user.id));
  return (
    <div class="people-search">
      <div class="search">
        <SearchIcon size={16} />
        <input
          type="search"
          value={query}
          aria-label={label}
          placeholder={label}
          ref={autofocus ? focusOnFinePointers : null}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
        />
      </div>
      {shown?.length === 0 && <p class="quiet no-match">{language.text("new.nobody")}</p>}
      {!shown?.length && (
        <p>
          <a class="link" {...linkTo(home, { screen: "settings", page: "invites" })}>{language.text("new.invite")}</a>
        </p>
      )}
      {shown && shown.length > 0 && (
        <ul class="people">
          {shown.map((user) => (
            <PersonItem key={user.id} user={user}>
              {action(user)}
            </PersonItem>
          ))}
        </ul>
      )}
    </div>
  );
}

export function PersonItem({ user, note, children }: { user: User; note?: string; children?: ComponentChildren }) {
  return (
    <li class="person">
      <PersonAvatar id={user.id} name={user.display_name} />
      <span class="who">
        <span>
          <bdi class="name">{user.display_name}</bdi>
          <PresenceAloud id={user.id} />
        </span>
        <span class="quiet">
          @{user.username}
          {note && ` · ${note}`}
        </span>
      </span>
      {children}
    </li>
  );
}

/** Null while nothing was asked for or the first answer is under way; the last answer until the next is there. */
export function useFound(query: string): User[] | null {
  const { rest } = useHome();
  const [found, setFound] = useState<User[] | null>(null);
  useEffect(() => {
    if (!query) return setFound(null);
    const changed = new AbortController();
    const timer = setTimeout(() => {
      rest.findUsers(query, changed.signal).then(setFound, () => {
        if (!changed.signal.aborted) setFound([]); // nobody can be found while the server is away
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      changed.abort();
    };
  }, [query]);
  return found;
}

function focusOnFinePointers(element: HTMLInputElement | null): void {
  if (element && matchMedia("(pointer: fine)").matches) element.focus();
}
