// The timeline of a conversation. It hangs from its end (column-reverse, one child in normal order), so that rows that
// come above or below move nothing the reader is looking at.
import { useComputed } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
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
import { timelineItems, type ShownMessage, type TimelineItem } from "./timeline-items";

const NEAR_PX = 800; // so close to an end the next page is asked for
const AT_END_PX = 8;

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

  useOpening(scroller, conversation);
  useEndAfterSending(scroller, conversation, ownWaiting);
  useAnchor(scroller, conversation);
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
  // A page may not fill the screen: look again whenever rows came.
  useEffect(onScroll, [rows.value, phase.value]);

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
  scroller: { current: HTMLDivElement | null };
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

/** Opens at the end, or with the first unread message at the top third. */
function useOpening(scroller: { current: HTMLDivElement | null }, conversation: Conversation): void {
  const placed = useRef<Conversation | null>(null);
  const ready = conversation.phase.value === "ready";
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!ready || !element || placed.current === conversation) return;
    placed.current = conversation;
    const divider = element.querySelector(".unread-divider");
    if (!divider) return;
    const third = element.getBoundingClientRect().top + element.clientHeight / 3;
    element.scrollTop = Math.min(0, element.scrollTop + divider.getBoundingClientRect().top - third);
  }, [ready, conversation]);
}

/** What one writes is always seen. */
function useEndAfterSending(
  scroller: { current: HTMLDivElement | null },
  conversation: Conversation,
  ownWaiting: number,
): void {
  const before = useRef(ownWaiting);
  useLayoutEffect(() => {
    const more = ownWaiting > before.current;
    before.current = ownWaiting;
    if (more && conversation.atEnd.value) scroller.current?.scrollTo({ top: 0 });
  }, [ownWaiting]);
}

/**
 * Holds on to a row in sight where the browser's own scroll anchoring does not help: when rows are let go below the
 * reader, and in browsers that have none (WebKit), whenever something below changes its height.
 */
function useAnchor(scroller: { current: HTMLDivElement | null }, conversation: Conversation): void {
  const rows = conversation.rows.value;
  const held = useRef<Anchor | null>(null);
  const element = scroller.current;
  const lastSeq = rows.at(-1)?.seq ?? 0;
  if (element && held.current === null) held.current = anchorIn(element, lastSeq); // before the new rows are drawn
  useLayoutEffect(() => {
    const anchor = held.current;
    held.current = null;
    if (anchor && element && (lastSeq < anchor.lastSeq || !browserAnchors())) restore(element, anchor);
  });
  useEffect(() => {
    const timeline = scroller.current?.firstElementChild;
    if (browserAnchors() || !scroller.current || !timeline) return;
    return anchorByHand(scroller.current, timeline);
  }, [conversation.phase.value]);
}

interface Anchor {
  row: Element;
  top: number;
  lastSeq: number;
}

function anchorIn(element: HTMLElement, lastSeq: number): Anchor | null {
  const top = element.getBoundingClientRect().top;
  const row = [...element.querySelectorAll("[data-seq]")].find((one) => one.getBoundingClientRect().bottom > top);
  return row ? { row, top: row.getBoundingClientRect().top, lastSeq } : null;
}

const browserAnchors = () => CSS.supports("overflow-anchor", "auto");

/** At the end it stays by itself. */
function restore(element: HTMLElement, anchor: Anchor): void {
  if (!anchor.row.isConnected || element.scrollTop >= -AT_END_PX) return;
  element.scrollTop += anchor.row.getBoundingClientRect().top - anchor.top;
}

/** Returns how to stop. */
function anchorByHand(element: HTMLElement, timeline: Element): () => void {
  let anchor = anchorIn(element, 0);
  const hold = () => (anchor = anchorIn(element, 0));
  const observer = new ResizeObserver(() => {
    if (anchor) restore(element, anchor);
    hold();
  });
  observer.observe(timeline);
  element.addEventListener("scroll", hold, { passive: true });
  return () => {
    observer.disconnect();
    element.removeEventListener("scroll", hold);
  };
}

/** Marks as read what was in sight while the window had the focus. Returns a function that looks once per frame. */
function useReading(scroller: { current: HTMLDivElement | null }, conversation: Conversation): () => void {
  const chat = useChat();
  const frame = useRef(0);
  const look = () => {
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      if (!scroller.current || !document.hasFocus() || document.visibilityState !== "visible") return;
      const seq = lastSeqInSight(scroller.current);
      const row = conversation.rows.value.findLast((one) => one.kind === "message" && one.seq <= seq);
      if (row?.kind === "message") chat.sawUpTo(conversation.id, row.seq, row.count);
    });
  };
  useEffect(() => {
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, [conversation]);
  return look;
}

function lastSeqInSight(element: HTMLElement): number {
  const bottom = element.getBoundingClientRect().bottom;
  const rows = [...element.querySelectorAll<HTMLElement>("[data-seq]")];
  const last = rows.findLast((row) => row.getBoundingClientRect().bottom <= bottom + 4);
  return Number(last?.dataset["seq"] ?? 0);
}

const byWriting = (a: { client_message_id: string }, b: { client_message_id: string }) =>
  a.client_message_id < b.client_message_id ? -1 : 1;
