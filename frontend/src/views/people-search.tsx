// Finding people by name, as one types.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { User } from "../protocol/types";
import { useChat, useHome, useLanguage } from "./context";
import { LATER } from "./later-words";
import { SearchIcon } from "./icons";
import { linkTo } from "./link";
import { PersonAvatar, PresenceAloud } from "./presence";
import { wordsForError } from "./problem";

const PAUSE_MS = 180;

interface PeopleSearchProps {
  /** Found, but not offered: they are there already. */
  without: ReadonlySet<string>;
  label: string;
  action: (user: User) => ComponentChildren;
  autofocus?: boolean;
}

export function PeopleSearch({ without, label, action, autofocus = false }: PeopleSearchProps) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const field = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState("");
  const { people, error } = useFound(query.trim());
  useEffect(() => {
    if (autofocus) focusOnFinePointers(field.current);
  }, []);
  const act = (user: User) => {
    if (user.id === chat.me.value.id) return <span class="quiet">{language.text("common.you")}</span>;
    if (without.has(user.id)) return <span class="quiet">{language.text("new.listed")}</span>;
    return action(user);
  };
  return (
    <div class="people-search">
      <div class="search">
        <SearchIcon size={16} />
        <input
          type="search"
          value={query}
          aria-label={label}
          placeholder={label}
          ref={field}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
        />
      </div>
      <p class="quiet no-match" role="status">
        {error ? wordsForError(language, error) : people?.length === 0 && language.text("new.nobody")}
      </p>
      {!people?.length && (
        <p>
          <a class="link" {...linkTo(home, { screen: "settings", page: "invites" })}>{language.text("new.invite")}</a>
        </p>
      )}
      {people && people.length > 0 && (
        <ul class="people" onClick={() => focusOnFinePointers(field.current) /* the button that was pressed may go */}>
          {people.map((user) => (
            <PersonItem key={user.id} user={user}>
              {act(user)}
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

interface Answer {
  /** Null while nothing was asked for, the first answer is under way, or none could be had. */
  people: User[] | null;
  /** Why none could be had. */
  error?: unknown;
}

const NOT_ASKED: Answer = { people: null };

/** What the server finds: the last answer until the next is there. */
export function useFound(query: string): Answer {
  const { rest } = useHome();
  const [found, setFound] = useState(NOT_ASKED);
  useEffect(() => {
    if (!query) return setFound(NOT_ASKED);
    const changed = new AbortController();
    const timer = setTimeout(() => {
      rest.findUsers(query, changed.signal).then(
        (people) => setFound({ people }),
        (error: unknown) => {
          if (!changed.signal.aborted) setFound({ people: null, error });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      changed.abort();
    };
  }, [query]);
  return found;
}

/** With its text selected: the next name is typed over the last. Where a keyboard would come up, it is left alone. */
function focusOnFinePointers(field: HTMLInputElement | null): void {
  if (!field || !matchMedia("(pointer: fine)").matches) return;
  field.focus();
  field.select();
}
