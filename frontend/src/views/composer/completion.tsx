// People and emoji to complete the word before the caret with. The field keeps the focus; arrows move the choice.
import { useLayoutEffect } from "preact/hooks";
import type { User } from "../../protocol/types";
import type { Conversation } from "../../state/conversation";
import type { Begun } from "../../text/completing";
import { findEmoji, type Emoji } from "../../text/emoji";
import { candidates } from "../../text/candidates";
import type { Chat } from "../../state/chat";
import { Avatar } from "../avatar";
import { useLanguage } from "../context";
import { WORDS } from "./words";

export const LIST_ID = "completions";
const MOST = 8;

export interface Choice {
  key: string;
  /** What comes into the text instead of the word. */
  insert: string;
  person?: User;
  emoji?: Emoji;
}

/** `emoji`: all there are, empty until they are loaded. */
export function choicesFor(begun: Begun, chat: Chat, conversation: Conversation, emoji: readonly Emoji[]): Choice[] {
  if (begun.kind === "person") {
    const others = [...peopleOf(chat, conversation)].filter((user) => user.id !== chat.me.value.id);
    return candidates(others, begun.query, MOST).map((person) => ({
      key: person.id,
      insert: `@${person.username} `,
      person,
    }));
  }
  const found = findEmoji(emoji, begun.query, MOST);
  return found.map((one) => ({ key: one.emoji, insert: `${one.emoji} `, emoji: one }));
}

/** The members; while they are not known (offline, just opened), those who wrote here. */
function peopleOf(chat: Chat, conversation: Conversation): Iterable<User> {
  const members = [...conversation.members.value.values()].map((member) => member.user);
  if (members.length > 0) return members;
  const authors = new Set(conversation.rows.value.map((row) => row.author_id));
  const peer = chat.channels.value.get(conversation.id)?.channel.peer;
  return [...chat.byUsername.value.values()].filter((user) => authors.has(user.id) || user.id === peer?.id);
}

interface CompletionProps {
  choices: readonly Choice[];
  chosen: number;
  onChoose: (choice: Choice) => void;
  onHover: (index: number) => void;
}

export function Completion({ choices, chosen, onChoose, onHover }: CompletionProps) {
  const language = useLanguage(WORDS);
  useLayoutEffect(() => document.getElementById(optionId(chosen))?.scrollIntoView({ block: "nearest" }), [chosen]);
  return (
    <ul class="completion" id={LIST_ID} role="listbox" aria-label={language.text("completion")}>
      {choices.map((choice, index) => (
        <li
          key={choice.key}
          id={optionId(index)}
          role="option"
          aria-selected={index === chosen}
          onPointerEnter={() => onHover(index)}
          onPointerDown={(event) => event.preventDefault()} // the field keeps the focus
          onClick={() => onChoose(choice)}
        >
          {choice.person && <PersonChoice person={choice.person} />}
          {choice.emoji && <EmojiChoice emoji={choice.emoji} korean={language.locale === "ko"} />}
        </li>
      ))}
    </ul>
  );
}

export const optionId = (index: number) => `${LIST_ID}-${index}`;

function PersonChoice({ person }: { person: User }) {
  return (
    <>
      <Avatar name={person.display_name} size="small" />
      <bdi class="name">{person.display_name}</bdi>
      <span class="quiet">@{person.username}</span>
    </>
  );
}

function EmojiChoice({ emoji, korean }: { emoji: Emoji; korean: boolean }) {
  return (
    <>
      <span class="emoji">{emoji.emoji}</span>
      <span class="name">{(korean ? emoji.korean : emoji.english)[0]}</span>
      {emoji.shortcodes[0] && <span class="quiet">:{emoji.shortcodes[0]}:</span>}
    </>
  );
}
