// What the switcher finds, and how it is chosen: the keys are pressed in its field, the choice is shown here.
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import { find, type Found } from "../state/finding";
import { unreadOf } from "../sync/apply";
import { useChat, useHome, useLanguage } from "./context";
import { LATER } from "./later-words";
import { titleOf } from "./names";
import { useAttempt } from "./notice";
import { useFound } from "./people-search";
import { PersonAvatar, PresenceAloud } from "./presence";
import { wordsForError } from "./problem";
import { RESULTS_ID } from "./switcher";

interface ResultsProps {
  field: RefObject<HTMLInputElement | null>;
  /** Enter was pressed before this was there. */
  entered: RefObject<boolean>;
  onDone: () => void;
}

const HANGUL = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/;
const optionId = (at: number) => `${RESULTS_ID}-${at}`;

export function Results({ field, entered, onDone }: ResultsProps) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const attempt = useAttempt();
  const [query, setQuery] = useState(field.current?.value ?? "");
  const [chosen, setChosen] = useState(0);
  const { people: onServer, error } = useFound(query.trim());
  const found = find(query, {
    channels: chat.list.value,
    titleOf: (record) => titleOf(record, chat, language),
    people: [...chat.knownPeople.value.values(), ...(onServer ?? [])],
    me: chat.me.value.id,
    open: chat.open.value?.id ?? null,
    now: home.now.value,
  });
  const nobody = found.length === 0 && query.trim();
  const at = Math.min(chosen, found.length - 1);

  const go = (one: Found | undefined) => {
    if (!one) return;
    onDone();
    const open = (id: string) => home.route.go({ screen: "channel", id, details: false });
    if (one.kind === "channel") open(one.key);
    else attempt(chat.openDirect(one.key).then(open));
  };
  useEffect(() => {
    if (entered.current) go(found[0]);
  }, []);
  const follow = (text: string) => {
    setQuery(text);
    setChosen(0);
  };
  useField(field, {
    onInput: follow,
    onMove: (by) => setChosen((at + by + found.length) % Math.max(found.length, 1)),
    onEnter: () => go(found[at]),
  });
  useEffect(() => follow(field.current?.value ?? ""), []); // what was typed before anybody listened
  useEffect(() => {
    field.current?.setAttribute("aria-activedescendant", found[at] ? optionId(at) : "");
    document.getElementById(optionId(at))?.scrollIntoView({ block: "nearest" });
  }, [at, found[at]?.key]);

  return (
    <>
      <ul id={RESULTS_ID} role="listbox" aria-label={language.text("switcher.title")}>
        {found.map((one, index) => (
          <li
            key={one.key}
            id={optionId(index)}
            role="option"
            aria-selected={index === at}
            onMouseMove={() => setChosen(index)}
            onClick={() => go(one)}
          >
            <Option found={one} />
          </li>
        ))}
      </ul>
      <p class="quiet no-match" role="status">
        {nobody && (error ? wordsForError(language, error) : onServer && language.text("list.no_match"))}
      </p>
    </>
  );
}

function Option({ found }: { found: Found }) {
  const language = useLanguage(LATER);
  const group = found.kind === "channel" && found.record.channel.kind === "group";
  const peer = found.kind === "person" ? found.user : found.record.channel.peer;
  const unread = found.kind === "channel" ? unreadOf(found.record) : 0;
  return (
    <>
      <PersonAvatar id={peer?.id} name={found.title} group={group} size="small" />
      <span class="title">
        <bdi>{found.title}</bdi>
        <PresenceAloud id={peer?.id} />
        <span class="quiet">
          {group ? language.counted("channel.members", found.record.channel.member_count) : peer && `@${peer.username}`}
        </span>
      </span>
      {found.kind === "person" && <span class="quiet">{language.text("switcher.start")}</span>}
      {unread > 0 && (
        <span class="badge">
          <span aria-hidden="true">{unread}</span>
          <span class="visually-hidden">{language.counted("list.unread", unread)}</span>
        </span>
      )}
    </>
  );
}

interface FieldHandlers {
  onInput: (text: string) => void;
  onMove: (by: number) => void;
  onEnter: () => void;
}

/** Follows the field. Enter in the middle of a Hangul syllable means what it says; other scripts use it to choose. */
function useField(field: RefObject<HTMLInputElement | null>, { onInput, onMove, onEnter }: FieldHandlers): void {
  useEffect(() => {
    const input = field.current;
    if (!input) return;
    const left = new AbortController();
    const listening = { signal: left.signal };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing && !HANGUL.test(input.value.at(-1) ?? "")) return;
      const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (by === undefined && event.key !== "Enter") return;
      event.preventDefault();
      if (by !== undefined) onMove(by);
      else onEnter();
    };
    input.addEventListener("input", () => onInput(input.value), listening);
    input.addEventListener("keydown", onKeyDown, listening);
    return () => left.abort();
  });
}
