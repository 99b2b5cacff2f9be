// The timeline of a conversation. It hangs from its end (column-reverse, one child in normal order), so that rows that
// come above or below move nothing the reader is looking at.
import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Row } from "../db/database";
import type { Conversation } from "../state/conversation";
import { useLate } from "./app";
import { Skeletons } from "./channel-list";
import type { Editing } from "./composer";
import { useChat, useHome, useLanguage } from "./context";
import { Empty } from "./empty";
import { EventLine } from "./event-line";
import { QuietHall } from "./icons";
import { Message } from "./message";
import { AT_END_PX, useAnchor, useEndAfterSending, useOpening, useReading, useSpot, useTarget } from "./scrolling";
import { byDay, timelineItems, type Day, type DayItem, type ShownMessage } from "./timeline-items";
import { OutOfReach, ToEnd, WayBack } from "./timeline-pills";

const NEAR_PX = 800; // so close to an end the next page is asked for
const STAY_MS = 200; // who goes on to the next conversation sooner did not want more of this one

interface TimelineProps {
  conversation: Conversation;
  onEdit: (editing: Editing) => void;
  /** The date of the day at `at` was chosen. */
  onDate: (at: number) => void;
}

export function Timeline({ conversation, onEdit, onDate }: TimelineProps) {
  const chat = useChat();
  const language = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const [atBottom, setAtBottom] = useState(true);
  const [stayed, setStayed] = useState(false);
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
  useTarget(scroller, conversation);
  useSpot(scroller, conversation);
  const look = useReading(scroller, conversation);

  const turnPages = () => {
    const element = scroller.current;
    if (!element) return;
    const below = -element.scrollTop;
    const above = element.scrollHeight - element.clientHeight - below;
    if (above < NEAR_PX) void conversation.older();
    if (below < NEAR_PX) void conversation.newer();
  };
  const lookAround = () => {
    const below = -(scroller.current?.scrollTop ?? 0);
    conversation.endInSight = below < AT_END_PX && atEnd.value;
    setAtBottom(conversation.endInSight);
    if (below < AT_END_PX) conversation.settleAtEnd();
    look();
  };
  const onScroll = () => {
    turnPages();
    lookAround();
  };
  // A page may not fill the screen: look again whenever rows came, and once it is known that no more are to come.
  useEffect(() => {
    if (scroller.current) lookAround();
    const timer = setTimeout(() => {
      setStayed(true);
      turnPages();
    }, STAY_MS);
    return () => clearTimeout(timer);
  }, [rows.value, phase.value, chat.caughtUp.value]);

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
        <div class="timeline">
          <Beginning conversation={conversation} />
          {byDay(items).map((day) => (
            <DayBlock key={day.key} day={day} onDate={onDate}>
              {day.items.map((item) => (
                <Item key={item.key} item={item} stayed={stayed} conversation={conversation} onEdit={onEdit} />
              ))}
            </DayBlock>
          ))}
          {silent && (
            <div class="silent">
              <Empty drawing={<QuietHall />} text={language.text("channel.empty")} />
            </div>
          )}
        </div>
      </div>
      <WayBack />
      {!atBottom && <ToEnd conversation={conversation} scroller={scroller} />}
      <OutOfReach conversation={conversation} />
    </div>
  );
}

interface DayBlockProps {
  day: Day;
  onDate: (at: number) => void;
  children: ComponentChildren;
}

/** A day and what was said on it; its date stays in sight while one reads it. */
function DayBlock({ day, onDate, children }: DayBlockProps) {
  const language = useLanguage();
  const home = useHome();
  return (
    <div class="day-block">
      <h2 class="day">
        <button type="button" title={language.text("channel.jump.title")} onClick={() => onDate(day.at)}>
          {language.day(day.at, home.now.value)}
        </button>
      </h2>
      <ol>{children}</ol>
    </div>
  );
}

interface ItemProps {
  item: DayItem;
  stayed: boolean;
  conversation: Conversation;
  onEdit: (editing: Editing) => void;
}

function Item({ item, stayed, conversation, onEdit }: ItemProps) {
  const language = useLanguage();
  switch (item.kind) {
    case "unread":
      return (
        <li class="unread-divider">
          <span>{language.text("channel.first_unread")}</span>
        </li>
      );
    case "event":
      return <EventLine row={item.row} />;
    case "message":
      return (
        <Message
          message={item.message}
          first={item.first}
          stayed={stayed}
          conversation={conversation}
          onEdit={onEdit}
        />
      );
  }
}

function Beginning({ conversation }: { conversation: Conversation }) {
  const language = useLanguage();
  if (conversation.olderFailed.value) {
    return (
      <p class="older-failed">
        {language.text("channel.older_failed")}{" "}
        <button type="button" class="link" onClick={() => void conversation.older()}>
          {language.text("channel.retry")}
        </button>
      </p>
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

const byWriting = (a: { client_message_id: string }, b: { client_message_id: string }) =>
  a.client_message_id < b.client_message_id ? -1 : 1;
