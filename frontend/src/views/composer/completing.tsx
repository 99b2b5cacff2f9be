// Completing people and emoji while one writes: what is offered, and the keys for it. The lists come when first wanted.
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Conversation } from "../../state/conversation";
import { begunWord, closedShortcode } from "../../text/completing";
import { useChat } from "../context";
import type { Choice } from "./completion";
import type * as EmojiList from "./emoji-list";
import { insertAt } from "./field";
import { useLater } from "./later";

export function useCompletion(field: RefObject<HTMLTextAreaElement | null>, text: string, conversation: Conversation) {
  const chat = useChat();
  const [caret, setCaret] = useState(0);
  const [dismissed, setDismissed] = useState<number | null>(null); // where the word began that nobody wants completed
  const [chosen, setChosen] = useState(0);
  const [part, load] = useLater(() => import("./completion"));
  const [emoji, loadEmoji] = useLater(() => import("./emoji-list"));

  const begun = begunWord(text, Math.min(caret, text.length));
  const wanted = begun && begun.from !== dismissed ? begun : null;
  const choices = wanted && part ? part.choicesFor(wanted, chat, conversation, emoji?.EMOJI ?? []) : [];
  const open = choices.length > 0;

  useEffect(() => {
    if (begun) void load();
    if (begun?.kind === "emoji") void loadEmoji();
    if (!begun) setDismissed(null);
    setChosen(0);
  }, [begun?.kind, begun?.from, begun?.query]);

  const take = (choice: Choice) => {
    // By what stands in the field now: the last syllable may have come since the list was drawn.
    const element = field.current;
    const now = element && begunWord(element.value, element.selectionEnd);
    if (element && now) insertAt(element, now.from, element.selectionEnd, choice.insert);
  };
  const choose = (): boolean => {
    const choice = choices[chosen];
    if (choice) take(choice);
    return choice !== undefined;
  };
  const move = (by: number) => setChosen((chosen + by + choices.length) % choices.length);

  return {
    choose,
    /** The word stays as it is. */
    dismiss: () => setDismissed(begun?.from ?? null),
    onInput: () => {
      const element = field.current;
      if (!element) return;
      setCaret(element.selectionEnd);
      void completeShortcode(element, loadEmoji);
    },
    onSelect: () => setCaret(field.current?.selectionEnd ?? 0),
    /** True if the key was for the list. */
    keyDown: (event: KeyboardEvent): boolean => {
      if (!open || event.ctrlKey || event.metaKey || event.altKey) return false;
      switch (event.key) {
        case "ArrowDown":
          move(1);
          return true;
        case "ArrowUp":
          move(-1);
          return true;
        case "Tab":
          return choose();
        case "Escape":
          setDismissed(begun!.from);
          return true;
        default:
          return false;
      }
    },
    attributes: open && part
      ? {
          "aria-autocomplete": "list" as const,
          "aria-controls": part.LIST_ID,
          "aria-activedescendant": part.optionId(chosen),
        }
      : { "aria-autocomplete": "list" as const },
    list: open && part && (
      <part.Completion choices={choices} chosen={chosen} onChoose={take} onHover={setChosen} />
    ),
  };
}

/** `:smile:` becomes the emoji when its last colon is typed. */
async function completeShortcode(
  field: HTMLTextAreaElement,
  loadEmoji: () => Promise<typeof EmojiList | null>,
): Promise<void> {
  const before = field.value;
  if (!closedShortcode(before, field.selectionEnd)) return;
  const [list, names] = await Promise.all([loadEmoji(), import("../../text/emoji").catch(() => null)]);
  const closed = field.value === before ? closedShortcode(before, field.selectionEnd) : null; // typed on meanwhile
  const found = closed && list && names?.byShortcode(list.EMOJI, closed.name);
  if (found) insertAt(field, closed.from, field.selectionEnd, found.emoji);
}

