// One message, with what can be done to it and how far it has got.
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { useState } from "preact/hooks";
import type { ChannelId } from "../protocol/types";
import type { Conversation } from "../state/conversation";
import { pathOf } from "../state/route";
import { Avatar } from "./avatar";
import type { Editing } from "./composer";
import { useChat, useLanguage } from "./context";
import { CheckIcon, ChecksIcon, ClockIcon, CopyIcon, DeleteIcon, EditIcon, LinkIcon, WarningIcon } from "./icons";
import { useDerived } from "./derived";
import { useCopy } from "./notice";
import { wordsForProblem } from "./problem";
import { RichText } from "./rich-text";
import type { ShownMessage } from "./timeline-items";

interface MessageProps {
  message: ShownMessage;
  /** It stands at the head of a group of the same author. */
  first: boolean;
  /** One reads here: what can be done with it, a third of all there is to draw, is there too. */
  stayed: boolean;
  conversation: Conversation;
  onEdit: (editing: Editing) => void;
}

export function Message({ message, first, stayed, conversation, onEdit }: MessageProps) {
  const chat = useChat();
  const language = useLanguage();
  const [confirming, setConfirming] = useState(false);
  const own = message.author_id === chat.me.value.id;
  const name = chat.nameOf(message.author_id);
  const failed = message.item?.problem != null;
  const classes = ["message", own && "own", first && "first", !message.row && "pending", failed && "failed"];
  return (
    <li
      class={classes.filter(Boolean).join(" ")}
      data-seq={message.row?.seq}
      tabIndex={-1}
      onClick={chooseByTouch}
    >
      {first && <Avatar name={name} />}
      {first && (
        <p class="byline">
          <bdi class="author">{name}</bdi>
          <time dateTime={new Date(message.at).toISOString()} title={language.full(message.at)}>
            {language.clock(message.at)}
          </time>
        </p>
      )}
      <div class="line">
        <MessageText message={message} />
        <Standing message={message} own={own} conversation={conversation} />
      </div>
      {failed && <FailedNote message={message} />}
      {confirming && (
        <Confirm
          text={language.text("message.delete.confirm")}
          yes={language.text("message.delete")}
          onYes={() => {
            setConfirming(false);
            if (message.row) chat.remove(conversation.id, message.row.seq);
          }}
          onNo={() => setConfirming(false)}
        />
      )}
      {stayed && message.row && !message.deleted && !confirming && (
        <Actions
          message={message}
          own={own}
          channel={conversation.id}
          onEdit={onEdit}
          onDelete={() => setConfirming(true)}
        />
      )}
    </li>
  );
}

/** Without a pointer that hovers, touching a message shows what can be done with it. */
function chooseByTouch(event: TargetedMouseEvent<HTMLLIElement>): void {
  if (matchMedia("(hover: none)").matches && !(event.target as Element).closest("a, button")) event.currentTarget.focus();
}

function MessageText({ message }: { message: ShownMessage }) {
  const language = useLanguage();
  if (message.deleted) return <p class="text deleted">{language.text("message.deleted")}</p>;
  const edited = message.edited && <span class="edited"> {language.text("message.edited")}</span>;
  return <RichText text={message.text} after={edited} />;
}

interface StandingProps {
  message: ShownMessage;
  own: boolean;
  conversation: Conversation;
}

/** Beside the text: how many have not read it, and for one's own how far it has got. */
function Standing({ message, own, conversation }: StandingProps) {
  const language = useLanguage();
  const chat = useChat();
  const me = chat.me.value.id;
  const unreadBy = useDerived(() => countUnread(message, conversation, me), [message, conversation, me]);
  return (
    <span class="standing">
      {unreadBy > 0 && (
        <span class="unread-by" title={language.counted("message.unread_by", unreadBy)}>
          <span aria-hidden="true">{unreadBy}</span>
          <span class="visually-hidden">{language.counted("message.unread_by", unreadBy)}</span>
        </span>
      )}
      {own && <Progress message={message} conversation={conversation} />}
      <time class="aside" dateTime={new Date(message.at).toISOString()}>
        {language.clock(message.at)}
      </time>
    </span>
  );
}

/** Of the members but the author and the reader. */
function countUnread(message: ShownMessage, conversation: Conversation, me: string): number {
  if (!message.row) return 0;
  const { seq } = message.row;
  let count = 0;
  for (const [id, member] of conversation.members.value) {
    if (id !== me && id !== message.author_id && member.read_seq < seq) count++;
  }
  return count;
}

function Progress({ message, conversation }: { message: ShownMessage; conversation: Conversation }) {
  const chat = useChat();
  const language = useLanguage();
  const step = (name: "sending" | "waiting" | "sent" | "delivered" | "read", drawing: ComponentChildren) => (
    <span class="progress" data-step={name} title={language.text(`message.${name}`)}>
      {drawing}
      <span class="visually-hidden">{language.text(`message.${name}`)}</span>
    </span>
  );
  const reached = useDerived(() => {
    const { row, author_id } = message;
    if (!row || conversation.members.value.size < 2) return "sent";
    if (conversation.readByAll(row.seq, author_id)) return "read";
    return conversation.deliveredToAll(row.seq, author_id) ? "delivered" : "sent";
  }, [message, conversation]);
  if (message.item?.problem) return null;
  if (message.item) {
    return step(chat.calmLink.value.kind === "offline" ? "waiting" : "sending", <ClockIcon size={13} />);
  }
  return step(reached, reached === "sent" ? <CheckIcon size={14} /> : <ChecksIcon size={15} />);
}

function FailedNote({ message }: { message: ShownMessage }) {
  const chat = useChat();
  const language = useLanguage();
  const { item } = message;
  if (!item?.problem) return null;
  const why = wordsForProblem(language, item.problem);
  return (
    <p class="failed-note">
      <WarningIcon size={15} />
      <span>{language.text("message.failed", { why })}</span>
      <span class="choices">
        <button type="button" class="link" onClick={() => void chat.retry(item)}>
          {language.text("message.retry")}
        </button>
        <button type="button" class="link" onClick={() => void chat.discard(item)}>
          {language.text("message.discard")}
        </button>
      </span>
    </p>
  );
}

interface ActionsProps {
  message: ShownMessage;
  own: boolean;
  channel: ChannelId;
  onEdit: (editing: Editing) => void;
  onDelete: () => void;
}

function Actions({ message, own, channel, onEdit, onDelete }: ActionsProps) {
  const language = useLanguage();
  const seq = message.row?.seq ?? 0;
  const copy = useCopy();
  const address = location.origin + pathOf({ screen: "channel", id: channel, details: false, seq });
  return (
    <div class="actions" role="group" aria-label={language.text("message.actions")}>
      <button
        type="button"
        class="icon-button"
        aria-label={language.text("message.copy")}
        onClick={() => copy(message.text)}
      >
        <CopyIcon size={16} />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={language.text("message.copy_link")}
        onClick={() => copy(address)}
      >
        <LinkIcon size={16} />
      </button>
      {own && (
        <button
          type="button"
          class="icon-button"
          aria-label={language.text("message.edit")}
          onClick={() => onEdit({ seq, text: message.text })}
        >
          <EditIcon size={16} />
        </button>
      )}
      {own && (
        <button type="button" class="icon-button" aria-label={language.text("message.delete")} onClick={onDelete}>
          <DeleteIcon size={16} />
        </button>
      )}
    </div>
  );
}

interface ConfirmProps {
  text: string;
  yes: string;
  onYes: () => void;
  onNo: () => void;
}

export function Confirm({ text, yes, onYes, onNo }: ConfirmProps) {
  const language = useLanguage();
  return (
    <div
      class="confirm"
      role="alertdialog"
      aria-label={text}
      onKeyDown={(event) => {
        if (event.key === "Escape") onNo();
      }}
    >
      <p>{text}</p>
      <button type="button" class="danger" onClick={onYes}>
        {yes}
      </button>
      <button type="button" class="secondary" ref={focusOnce} onClick={onNo}>
        {language.text("composer.cancel")}
      </button>
    </div>
  );
}

function focusOnce(element: HTMLElement | null): void {
  element?.focus();
}
