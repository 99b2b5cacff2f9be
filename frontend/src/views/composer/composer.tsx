// Where messages are written. Enter sends, also in the middle of a Hangul syllable; Shift+Enter starts a new line.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { readSetting, writeSetting } from "../../platform/settings";
import { codePoints, MAX_CODE_POINTS } from "../../protocol/text";
import type { Conversation } from "../../state/conversation";
import type { Format } from "../../text/formatting";
import { useChat, useLanguage } from "../context";
import { CloseIcon, LettersIcon, SendIcon, SmileIcon } from "../icons";
import { useCompletion } from "./completing";
import { useDraft } from "./draft";
import { sendsByEnter, useEnter } from "./enter-key";
import { fit, insertHere } from "./field";
import { useLater } from "./later";
import { usePasting } from "./pasting";

/** One's own message being changed. */
export interface Editing {
  seq: number;
  text: string;
}

interface ComposerProps {
  conversation: Conversation;
  title: string;
  editing: Editing | null;
  onEdit: (editing: Editing | null) => void;
}

const NEARLY_FULL = 1_000; // so few letters left are counted
const TOOLS_SETTING = "composer.tools";

export function Composer({ conversation, title, editing, onEdit }: ComposerProps) {
  const chat = useChat();
  const language = useLanguage();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(editing?.text ?? "");
  const left = useMemo(() => lettersLeft(text), [text]);
  const tools = useTools(field);
  const completion = useCompletion(field, text, conversation);
  const pasting = usePasting(field);
  const [picking, setPicking] = useState(false);
  const [picker, loadPicker] = useLater(() => import("./emoji-picker"));

  useDraft(conversation, field, text, setText, editing !== null);
  useLayoutEffect(() => fit(field.current), [text]);
  useLayoutEffect(() => {
    // At once: the next key is for this field already. But who was led to a message is there.
    const led = conversation.target.value?.lit;
    if (editing || (!led && matchMedia("(pointer: fine)").matches)) field.current?.focus();
  }, []);

  const submit = () => {
    const written = field.current?.value ?? text;
    if (!written.trim() || codePoints(written) > MAX_CODE_POINTS) return;
    tools.setPreviewing(false);
    if (editing) {
      if (written !== editing.text) chat.edit(conversation.id, editing.seq, written);
      return onEdit(null);
    }
    chat.send(conversation.id, written);
    setText("");
    chat.keepDraft(conversation.id, "");
    pasting.forget();
    conversation.dividerAfter.value = null;
    if (!conversation.atEnd.value) void conversation.toEnd();
  };
  const enter = useEnter(() => completion.choose() || submit());
  const onKeyDown = (event: KeyboardEvent) => {
    if (enter.keyDown(event) || event.isComposing) return;
    if (completion.keyDown(event) || tools.keyDown(event)) return event.preventDefault();
    if (event.key === "Escape" && editing) {
      event.preventDefault();
      onEdit(null);
    }
    if (event.key === "ArrowUp" && !editing && text === "" && !event.altKey) {
      const last = lastOwn(conversation, chat.me.value.id);
      if (!last) return;
      event.preventDefault();
      onEdit(last);
    }
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
        field.current?.focus();
      }}
    >
      {editing && <EditingLine onCancel={() => onEdit(null)} />}
      {tools.open && tools.part && (
        <tools.part.Toolbar
          field={() => field.current}
          previewing={tools.previewing}
          onPreview={() => tools.setPreviewing(!tools.previewing)}
        />
      )}
      {tools.previewing && tools.part && <tools.part.Preview text={text} />}
      {completion.list}
      {picking && picker && (
        <picker.EmojiPicker
          onPick={(emoji) => {
            setPicking(false);
            if (field.current) insertHere(field.current, emoji);
          }}
          onClose={() => {
            setPicking(false);
            field.current?.focus();
          }}
        />
      )}
      <div class="composer-line">
        <button
          type="button"
          class="icon-button"
          aria-label={language.text("composer.formatting")}
          aria-expanded={tools.open}
          onClick={tools.toggle}
        >
          <LettersIcon size={19} />
        </button>
        <textarea
          ref={field}
          rows={1}
          value={text}
          dir="auto"
          enterkeyhint={sendsByEnter() ? "send" : "enter"}
          aria-label={language.text("composer.label")}
          placeholder={language.text("composer.placeholder", { name: title })}
          {...completion.attributes}
          onInput={(event) => {
            setText(event.currentTarget.value);
            completion.onInput();
            if (!editing && event.currentTarget.value.trim()) chat.typing(conversation.id);
          }}
          onSelect={completion.onSelect}
          onBlur={completion.dismiss}
          onKeyDown={onKeyDown}
          onCompositionStart={enter.compositionStart}
          onCompositionUpdate={enter.compositionUpdate}
          onCompositionEnd={enter.compositionEnd}
          onPaste={pasting.onPaste}
          onDragOver={pasting.onDragOver}
          onDrop={pasting.onDrop}
        />
        <button
          type="button"
          class="icon-button emoji-button"
          aria-label={language.text("composer.emoji")}
          aria-expanded={picking}
          onClick={() => {
            setPicking(!picking);
            void loadPicker();
          }}
        >
          <SmileIcon size={20} />
        </button>
        <button
          class="send"
          disabled={!text.trim() || left < 0}
          aria-label={language.text(editing ? "composer.save" : "composer.send")}
        >
          <SendIcon />
        </button>
      </div>
      {pasting.note && (
        <p class="note" role="status">
          {language.text("composer.no_files")}
        </p>
      )}
      <LettersLeft left={left} />
    </form>
  );
}

function EditingLine({ onCancel }: { onCancel: () => void }) {
  const language = useLanguage();
  return (
    <div class="editing">
      <span>{language.text("composer.editing")}</span>
      <button type="button" class="icon-button" aria-label={language.text("composer.cancel")} onClick={onCancel}>
        <CloseIcon size={16} />
      </button>
    </div>
  );
}

/** Told before it is too late, and then why it cannot be sent. */
function LettersLeft({ left }: { left: number }) {
  const language = useLanguage();
  if (left < 0) {
    return (
      <p class="why" role="alert">
        {language.text("composer.too_long", { count: -left })}
      </p>
    );
  }
  return left < NEARLY_FULL ? <p class="note">{language.text("composer.left", { count: left })}</p> : null;
}

/** The formatting buttons and the preview, loaded when they are first asked for. */
function useTools(field: RefObject<HTMLTextAreaElement | null>) {
  const [part, load] = useLater(() => import("./tools"));
  const [open, setOpen] = useState(() => readSetting(TOOLS_SETTING) === "open" && matchMedia("(width >= 720px)").matches);
  const [previewing, setPreviewing] = useState(false);
  useEffect(() => {
    if (open) void load();
  }, [open]);
  return {
    part,
    open,
    previewing,
    setPreviewing,
    toggle: () => {
      writeSetting(TOOLS_SETTING, open ? null : "open");
      if (open) setPreviewing(false);
      setOpen(!open);
    },
    /** True if the keys format. */
    keyDown: (event: KeyboardEvent): boolean => {
      const format = formatOf(event);
      if (!format) return false;
      void load().then((tools) => field.current && tools?.applyFormat(field.current, format));
      return true;
    },
  };
}

const FORMATS: Record<string, Format> = { KeyB: "bold", KeyI: "italic", KeyE: "code" };
const SHIFTED: Record<string, Format> = {
  KeyX: "strike",
  Digit9: "quote",
  Digit8: "list",
  KeyU: "link",
  KeyS: "spoiler",
};

/** By the key's place: with Hangul switched on, "B" is ㅠ. */
function formatOf({ ctrlKey, metaKey, altKey, shiftKey, code }: KeyboardEvent): Format | undefined {
  if (!(ctrlKey || metaKey) || altKey) return undefined;
  return (shiftKey ? SHIFTED : FORMATS)[code];
}

function lettersLeft(text: string): number {
  // Only near the limit is it worth counting: a letter has at most two units.
  return text.length < MAX_CODE_POINTS - NEARLY_FULL ? MAX_CODE_POINTS : MAX_CODE_POINTS - codePoints(text);
}

function lastOwn(conversation: Conversation, me: string): Editing | null {
  const row = conversation.rows.value.findLast(
    (one) => one.kind === "message" && one.author_id === me && !one.deleted,
  );
  return row?.kind === "message" ? { seq: row.seq, text: row.text ?? "" } : null;
}
