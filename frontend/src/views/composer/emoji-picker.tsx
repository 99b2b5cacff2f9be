// All emoji, by group, by name, and those used last. A chunk of its own, loaded when it is first opened.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { readSetting, writeSetting } from "../../platform/settings";
import { findEmoji, withTone, type Emoji } from "../../text/emoji";
import { useLanguage } from "../context";
import { SearchIcon } from "../icons";
import { EMOJI } from "./emoji-list";
import { WORDS, type WritingWord } from "./words";

const GROUPS: readonly { group: number; sign: string; name: WritingWord }[] = [
  { group: 0, sign: "🙂", name: "smileys" },
  { group: 1, sign: "👋", name: "people" },
  { group: 3, sign: "🌿", name: "nature" },
  { group: 4, sign: "🍚", name: "food" },
  { group: 5, sign: "🚂", name: "travel" },
  { group: 6, sign: "⚽", name: "activities" },
  { group: 7, sign: "💡", name: "objects" },
  { group: 8, sign: "💚", name: "symbols" },
  { group: 9, sign: "🏁", name: "flags" },
];
const TONES = ["", "\u{1f3fb}", "\u{1f3fc}", "\u{1f3fd}", "\u{1f3fe}", "\u{1f3ff}"];
const RECENT = "emoji.recent";
const TONE = "emoji.tone";
const MOST_RECENT = 16;
const MOST_FOUND = 96;

interface PickerProps {
  onPick: (emoji: string) => void;
  onClose: () => void;
}

export function EmojiPicker({ onPick, onClose }: PickerProps) {
  const language = useLanguage(WORDS);
  const frame = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [group, setGroup] = useState(0);
  const [tone, setTone] = useState(readSetting(TONE) ?? "");
  const recent = useMemo(readRecent, []);
  const shown = useMemo(
    () => (query.trim() ? findEmoji(EMOJI, query, MOST_FOUND) : EMOJI.filter((one) => one.group === group)),
    [query, group],
  );
  useOutside(frame, onClose);
  const pick = (emoji: string) => {
    keepRecent(emoji);
    onPick(emoji);
  };
  const groupName = GROUPS.find((one) => one.group === group)!.name;
  return (
    <div
      class="emoji-picker"
      ref={frame}
      role="dialog"
      aria-label={language.text("composer.emoji")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
    >
      <label class="search">
        <SearchIcon size={16} />
        <span class="visually-hidden">{language.text("search")}</span>
        <input
          type="search"
          value={query}
          placeholder={language.text("search")}
          ref={focusOnce}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") event.preventDefault();
            if (event.isComposing) return;
            if (event.key === "Enter" && query.trim() && shown[0]) pick(withTone(shown[0], tone));
            if (event.key === "ArrowDown") {
              event.preventDefault();
              grid.current?.querySelector("button")?.focus();
            }
          }}
        />
      </label>
      <div class="emoji-grid" ref={grid} onKeyDown={(event) => moveWithin(event, grid.current)}>
        {!query.trim() && recent.length > 0 && (
          <EmojiGroup name={language.text("recent")}>
            {recent.map((emoji) => (
              <button key={emoji} type="button" tabIndex={-1} aria-label={nameOf(emoji, language.locale)} onClick={() => pick(emoji)}>
                {emoji}
              </button>
            ))}
          </EmojiGroup>
        )}
        <EmojiGroup name={language.text(query.trim() ? "found" : groupName)}>
          {shown.map((one, index) => (
            <button
              key={one.emoji}
              type="button"
              tabIndex={index === 0 ? 0 : -1}
              aria-label={namesOf(one, language.locale)[0]}
              title={one.shortcodes[0] ? `:${one.shortcodes[0]}:` : undefined}
              onClick={() => pick(withTone(one, tone))}
            >
              {withTone(one, tone)}
            </button>
          ))}
        </EmojiGroup>
        {shown.length === 0 && <p class="quiet" role="status">{language.text("none")}</p>}
      </div>
      <div class="emoji-groups" role="group" aria-label={language.text("groups")}>
        {GROUPS.map((one) => (
          <button
            key={one.group}
            type="button"
            aria-label={language.text(one.name)}
            aria-pressed={!query.trim() && one.group === group}
            onClick={() => {
              setQuery("");
              setGroup(one.group);
              grid.current?.scrollTo({ top: 0 });
            }}
          >
            {one.sign}
          </button>
        ))}
        <button
          type="button"
          class="tone"
          aria-label={language.text("tone", { step: TONES.indexOf(tone) + 1 })}
          onClick={() => {
            const next = TONES[(TONES.indexOf(tone) + 1) % TONES.length]!;
            setTone(next);
            writeSetting(TONE, next || null);
          }}
        >
          {`✋${tone}`}
        </button>
      </div>
    </div>
  );
}

function EmojiGroup({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <section aria-label={name}>
      <h2>{name}</h2>
      <div class="emoji-cells">{children}</div>
    </section>
  );
}

const namesOf = (one: Emoji, locale: string) => (locale === "ko" ? one.korean : one.english);
function nameOf(emoji: string, locale: string): string {
  const known = EMOJI.find((one) => one.emoji === emoji || TONES.some((tone) => withTone(one, tone) === emoji));
  return known ? namesOf(known, locale)[0]! : emoji;
}

function readRecent(): string[] {
  return (readSetting(RECENT) ?? "").split(" ").filter(Boolean);
}
function keepRecent(emoji: string): void {
  const recent = [emoji, ...readRecent().filter((one) => one !== emoji)];
  writeSetting(RECENT, recent.slice(0, MOST_RECENT).join(" "));
}

/** Arrow keys move in the grid as it stands on the screen, also from one group to the next. */
function moveWithin(event: KeyboardEvent, grid: HTMLElement | null): void {
  const cells = [...(grid?.querySelectorAll("button") ?? [])];
  const at = cells.findIndex((cell) => cell === document.activeElement);
  if (at < 0) return;
  const next = nextCell(event.key, cells, at);
  if (next === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  if (next === null) grid?.closest(".emoji-picker")?.querySelector("input")?.focus();
  else next.focus();
}

/** Undefined: the key moves nothing; null: above the first row. */
function nextCell(key: string, cells: HTMLElement[], at: number): HTMLElement | null | undefined {
  const here = cells[at]!;
  switch (key) {
    case "ArrowRight":
      return cells[at + 1] ?? here;
    case "ArrowLeft":
      return cells[at - 1] ?? null;
    case "Home":
      return cells[0];
    case "End":
      return cells.at(-1);
    case "ArrowDown":
      return nearestInRow(cells.slice(at + 1), here) ?? here;
    case "ArrowUp":
      return nearestInRow(cells.slice(0, at).reverse(), here);
    default:
      return undefined;
  }
}

/** Of the first row among `cells` that is not `here`'s, the one nearest to it. */
function nearestInRow(cells: HTMLElement[], here: HTMLElement): HTMLElement | null {
  const row = cells.find((cell) => cell.offsetTop !== here.offsetTop)?.offsetTop;
  const inRow = cells.filter((cell) => cell.offsetTop === row);
  const distance = (cell: HTMLElement) => Math.abs(cell.offsetLeft - here.offsetLeft);
  return inRow.sort((a, b) => distance(a) - distance(b))[0] ?? null;
}

function focusOnce(element: HTMLElement | null): void {
  element?.focus();
}

function useOutside(frame: { current: HTMLElement | null }, onClose: () => void): void {
  const close = useRef(onClose);
  useLayoutEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const onPointerDown = (event: PointerEvent) => {
      const target = event.target as Element;
      if (!frame.current?.contains(target) && !target.closest(".emoji-button")) close.current();
    };
    addEventListener("pointerdown", onPointerDown);
    return () => removeEventListener("pointerdown", onPointerDown);
  }, []);
}
