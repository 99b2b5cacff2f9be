// How the timeline scrolls: where it opens, what holds its place, and what counts as read.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation } from "../state/conversation";
import type { Spot } from "../state/route";
import { useChat, useHome } from "./context";

export const AT_END_PX = 8;
const WAYS_TO_MOVE = ["wheel", "touchmove", "keydown", "pointerdown"] as const;

export interface Scroller {
  current: HTMLDivElement | null;
}

/**
 * Opens at the end, or with the first unread message at the top third. What the device keeps may be old: until the
 * connection has caught up, or the reader moves, what comes is unread too, and the place is found again.
 */
export function useOpening(scroller: Scroller, conversation: Conversation, caughtUp: boolean): void {
  const { phase, rows, dividerAfter } = conversation;
  useLayoutEffect(() => {
    if (phase.value !== "ready" || !scroller.current || conversation.settled) return;
    showFirstUnread(scroller.current);
    conversation.settled = caughtUp;
  }, [conversation, phase.value, rows.value, dividerAfter.value, caughtUp]);
  useEffect(() => {
    const element = scroller.current;
    const settle = () => (conversation.settled = true);
    for (const way of WAYS_TO_MOVE) element?.addEventListener(way, settle, { passive: true });
    return () => WAYS_TO_MOVE.forEach((way) => element?.removeEventListener(way, settle));
  }, [conversation, phase.value]);
}

function showFirstUnread(element: HTMLElement): void {
  const divider = element.querySelector(".unread-divider");
  if (!divider) return;
  const third = element.getBoundingClientRect().top + element.clientHeight / 3;
  element.scrollTop = Math.min(0, element.scrollTop + divider.getBoundingClientRect().top - third);
}

/** Brings the reader where the conversation says, and lights up what they asked for. */
export function useTarget(scroller: Scroller, conversation: Conversation): void {
  const target = conversation.target.value;
  useLayoutEffect(() => {
    const element = scroller.current;
    const row = element && target && rowAt(element, target.seq);
    if (!row) return;
    const offset = target.offset ?? element.clientHeight / 3;
    element.scrollTop += row.getBoundingClientRect().top - element.getBoundingClientRect().top - offset;
    if (target.lit) lightUp(row);
  }, [target]);
}

/** The row at `seq`, or the next one: not everything that happens is a row. */
function rowAt(element: HTMLElement, seq: number): HTMLElement | undefined {
  const rows = [...element.querySelectorAll<HTMLElement>("[data-seq]")];
  return rows.find((row) => Number(row.dataset["seq"]) >= seq) ?? rows.at(-1);
}

function lightUp(row: HTMLElement): void {
  row.focus({ preventScroll: true });
  for (const lit of document.querySelectorAll("[data-lit]")) lit.removeAttribute("data-lit");
  void row.offsetWidth; // so that it begins anew
  row.setAttribute("data-lit", "");
  row.addEventListener("animationend", () => row.removeAttribute("data-lit"), { once: true });
}

/** Where the reader is, told to the address and kept for when they return to this conversation. */
export function useSpot(scroller: Scroller, conversation: Conversation): void {
  const chat = useChat();
  const { route } = useHome();
  useLayoutEffect(() => {
    const spot = () => spotOf(scroller.current, conversation);
    route.spot = spot;
    return () => {
      chat.keepSpot(conversation.id, spot());
      if (route.spot === spot) route.spot = () => null;
    };
  }, [conversation]);
}

/** Null at the end: who comes back there wants to see what is new. */
function spotOf(element: HTMLElement | null, conversation: Conversation): Spot | null {
  const atEnd = conversation.atEnd.value && (element?.scrollTop ?? 0) >= -AT_END_PX;
  const anchor = element && !atEnd ? anchorIn(element) : null;
  if (!element || !anchor) return null;
  return { seq: Number(anchor.row.dataset["seq"]), offset: anchor.top - element.getBoundingClientRect().top };
}

/** What one writes is always seen. */
export function useEndAfterSending(
  scroller: Scroller,
  conversation: Conversation,
  ownWaiting: number,
): void {
  const before = useRef(ownWaiting);
  useLayoutEffect(() => {
    const more = ownWaiting > before.current;
    before.current = ownWaiting;
    if (!more) return;
    conversation.settled = true;
    if (conversation.atEnd.value) scroller.current?.scrollTo({ top: 0 });
  }, [ownWaiting]);
}

/**
 * Holds on to a row in sight where the browser's own scroll anchoring does not help: when rows are let go below the
 * reader, and in browsers that have none (WebKit), whenever something below changes its height.
 */
export function useAnchor(scroller: Scroller, conversation: Conversation): void {
  const held = useRef<Anchor | null>(null);
  const seen = useRef(conversation.letGoBelow);
  const element = scroller.current;
  if (element && held.current === null) held.current = anchorIn(element); // before the new rows are drawn
  useLayoutEffect(() => {
    const anchor = held.current;
    const letGo = conversation.letGoBelow !== seen.current;
    held.current = null;
    seen.current = conversation.letGoBelow;
    if (anchor && element && (letGo || !browserAnchors())) restore(element, anchor);
  });
  useEffect(() => {
    const timeline = scroller.current?.firstElementChild;
    if (browserAnchors() || !scroller.current || !timeline) return;
    return anchorByHand(scroller.current, timeline);
  }, [conversation.phase.value]);
}

interface Anchor {
  row: HTMLElement;
  top: number;
}

function anchorIn(element: HTMLElement): Anchor | null {
  const top = element.getBoundingClientRect().top;
  const row = [...element.querySelectorAll<HTMLElement>("[data-seq]")].find((one) => one.getBoundingClientRect().bottom > top);
  return row ? { row, top: row.getBoundingClientRect().top } : null;
}

const browserAnchors = () => CSS.supports("overflow-anchor", "auto");

/** At the end it stays by itself. */
function restore(element: HTMLElement, anchor: Anchor): void {
  if (!anchor.row.isConnected || element.scrollTop >= -AT_END_PX) return;
  element.scrollTop += anchor.row.getBoundingClientRect().top - anchor.top;
}

/** Returns how to stop. */
function anchorByHand(element: HTMLElement, timeline: Element): () => void {
  let anchor = anchorIn(element);
  const hold = () => (anchor = anchorIn(element));
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
export function useReading(scroller: Scroller, conversation: Conversation): () => void {
  const chat = useChat();
  const frame = useRef(0);
  const look = () => {
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      if (!scroller.current || !conversation.settled) return;
      if (!document.hasFocus() || document.visibilityState !== "visible") return conversation.divideUnread();
      const seq = lastSeqInSight(scroller.current);
      const row = conversation.rows.value.findLast((one) => one.kind === "message" && one.seq <= seq);
      if (row?.kind === "message") void chat.sawUpTo(conversation.id, row.seq, row.count);
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
