// The timeline of a conversation. It hangs from its end (column-reverse, one child in normal order), so that rows that
// come above or below move nothing the reader is looking at.
import { useComputed } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Row } from "../db/database";
import type { Conversation } from "../state/conversation";
import { useLate } from "./app";
import { Skeletons } from "./channel-list";
import type { Editing } from "./composer";
import { useChat, useHome, useLanguage } from "./context";
import { Empty } from "./empty";
import { EventLine } from "./event-line";
import { DownIcon, QuietHall } from "./icons";
import { Message } from "./message";
import { AT_END_PX, useAnchor, useEndAfterSending, useOpening, useReading, type Scroller } from "./scrolling";
import { timelineItems, type ShownMessage, type TimelineItem } from "./timeline-items";

const NEAR_PX = 800; // so close to an end the next page is asked for

interface TimelineProps {
  conversation: Conversation;
  onEdit: (editing: Editing) => void;
}

export function Timeline({ conversation, onEdit }: TimelineProps) {
  const chat = useChat();
  const language = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const [atBottom, setAtBottom] = useState(true);
  const drawn = useRef(new WeakMap<Row, ShownMessage>());
  const { rows, phase, atStart, atEnd, dividerAfter } = conversation;
  const items = useComputed(() =>
    timelineItems({
      rows: rows.value,
      waiting: [...chat.outbox.value.values()].filter((item) => item.channel_id === conversation.id).sort(byWriting),
      me: chat.me.value.id,
      dividerAfter: dividerAfter.value,
      atEnd: atEnd.value,
      drawn: drawn.current,
    }),
  ).value;
  const ownWaiting = items.filter((item) => item.kind === "message" && !item.message.row).length;

  useEndAfterSending(scroller, conversation, ownWaiting);
  useAnchor(scroller, conversation);
  useOpening(scroller, conversation, chat.caughtUp.value);
  const look = useReading(scroller, conversation);

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const below = -element.scrollTop;
    const above = element.scrollHeight - element.clientHeight - below;
    setAtBottom(below < AT_END_PX && atEnd.value);
    if (above < NEAR_PX) void conversation.older();
    if (below < NEAR_PX) void conversation.newer();
    if (below < AT_END_PX) conversation.settleAtEnd();
    look();
  };
  // A page may not fill the screen: look again whenever rows came, and once it is known that no more are to come.
  useEffect(onScroll, [rows.value, phase.value, chat.caughtUp.value]);

  if (phase.value === "loading") return <Loading />;
  if (phase.value === "failed") return <Failed conversation={conversation} />;
  const silent = atStart.value && atEnd.value && !items.some((item) => item.kind === "message");
  return (
    <div class="timeline-frame">
      <div
        class="scroller"
        ref={scroller}
        onScroll={onScroll}
        tabIndex={0}
        role="region"
        aria-label={language.text("channel.messages")}
      >
        <ol class="timeline">
          <Beginning conversation={conversation} />
          {items.map((item) => (
            <Item key={item.key} item={item} conversation={conversation} onEdit={onEdit} />
          ))}
          {silent && (
            <li class="silent">
              <Empty drawing={<QuietHall />} text={language.text("channel.empty")} />
            </li>
          )}
        </ol>
      </div>
      {!atBottom && <ToEnd conversation={conversation} scroller={scroller} />}
    </div>
  );
}

interface ItemProps {
  item: TimelineItem;
  conversation: Conversation;
  onEdit: (editing: Editing) => void;
}

function Item({ item, conversation, onEdit }: ItemProps) {
  const language = useLanguage();
  const home = useHome();
  switch (item.kind) {
    case "day":
      return (
        <li class="day">
          <span>{language.day(item.at, home.now.value)}</span>
        </li>
      );
    case "unread":
      return (
        <li class="unread-divider">
          <span>{language.text("channel.first_unread")}</span>
        </li>
      );
    case "event":
      return <EventLine row={item.row} />;
    case "message":
      return <Message message={item.message} first={item.first} conversation={conversation} onEdit={onEdit} />;
  }
}

function Beginning({ conversation }: { conversation: Conversation }) {
  const language = useLanguage();
  if (conversation.olderFailed.value) {
    return (
      <li class="older-failed">
        {language.text("channel.older_failed")}{" "}
        <button type="button" class="link" onClick={() => void conversation.older()}>
          {language.text("channel.retry")}
        </button>
      </li>
    );
  }
  return null;
}

function Loading() {
  return <div class="timeline-frame">{useLate(300) && <Skeletons />}</div>;
}

function Failed({ conversation }: { conversation: Conversation }) {
  const language = useLanguage();
  return (
    <div class="timeline-frame">
      <Empty drawing={<QuietHall />} text={language.text("channel.older_failed")}>
        <button type="button" class="secondary" onClick={() => void conversation.open()}>
          {language.text("channel.retry")}
        </button>
      </Empty>
    </div>
  );
}

interface ToEndProps {
  conversation: Conversation;
  scroller: Scroller;
}

/** Goes to the newest; says how many came since the reader left the end. */
function ToEnd({ conversation, scroller }: ToEndProps) {
  const chat = useChat();
  const language = useLanguage();
  const countNow = chat.channels.value.get(conversation.id)?.channel.head.count ?? 0;
  const countThen = useRef(countNow);
  const added = countNow - countThen.current;
  const go = async () => {
    await conversation.toEnd();
    requestAnimationFrame(() => scroller.current?.scrollTo({ top: 0 }));
  };
  return (
    <button type="button" class="to-end" onClick={() => void go()} aria-label={language.text("channel.to_end")}>
      <DownIcon size={18} />
      {added > 0 && <span>{language.counted("channel.new_below", added)}</span>}
    </button>
  );
}

const byWriting = (a: { client_message_id: string }, b: { client_message_id: string }) =>
  a.client_message_id < b.client_message_id ? -1 : 1;
