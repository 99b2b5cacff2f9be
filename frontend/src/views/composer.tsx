// Where messages are written. Enter sends, also in the middle of a Hangul syllable; Shift+Enter starts a new line.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { codePoints, MAX_CODE_POINTS } from "../protocol/text";
import type { Conversation } from "../state/conversation";
import { useChat, useLanguage } from "./context";
import { CloseIcon, SendIcon } from "./icons";

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

const HANGUL = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/;

export function Composer({ conversation, title, editing, onEdit }: ComposerProps) {
  const chat = useChat();
  const language = useLanguage();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(editing?.text ?? "");
  const over = text.length > MAX_CODE_POINTS ? codePoints(text) - MAX_CODE_POINTS : 0;

  useDraft(conversation, text, setText, editing !== null);
  useLayoutEffect(() => fit(field.current), [text]);
  useEffect(() => {
    if (editing || matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, []);

  const submit = () => {
    const written = field.current?.value ?? text;
    if (!written.trim() || codePoints(written) > MAX_CODE_POINTS) return;
    if (editing) {
      if (written !== editing.text) chat.edit(conversation.id, editing.seq, written);
      return onEdit(null);
    }
    chat.send(conversation.id, written);
    setText("");
    chat.drafts.write(conversation.id, "");
    conversation.dividerAfter.value = null;
    if (!conversation.atEnd.value) void conversation.toEnd();
  };
  const onEnter = useEnter(submit);
  const onKeyDown = (event: KeyboardEvent) => {
    if (onEnter.keyDown(event)) return;
    if (event.isComposing) return;
    if (event.key === "Escape" && editing) onEdit(null);
    if (event.key === "ArrowUp" && !editing && text === "") {
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
      {editing && (
        <div class="editing">
          <span>{language.text("composer.editing")}</span>
          <button
            type="button"
            class="icon-button"
            aria-label={language.text("composer.cancel")}
            onClick={() => onEdit(null)}
          >
            <CloseIcon size={16} />
          </button>
        </div>
      )}
      <div class="composer-line">
        <textarea
          ref={field}
          rows={1}
          value={text}
          dir="auto"
          enterkeyhint="send"
          aria-label={language.text("composer.label")}
          placeholder={language.text("composer.placeholder", { name: title })}
          onInput={(event) => {
            setText(event.currentTarget.value);
            if (!editing && event.currentTarget.value.trim()) chat.typing(conversation.id);
          }}
          onKeyDown={onKeyDown}
          onCompositionStart={onEnter.compositionStart}
          onCompositionUpdate={onEnter.compositionUpdate}
          onCompositionEnd={onEnter.compositionEnd}
        />
        <button
          class="send"
          disabled={!text.trim() || over > 0}
          aria-label={language.text(editing ? "composer.save" : "composer.send")}
        >
          <SendIcon />
        </button>
      </div>
      {over > 0 && (
        <p class="why" role="alert">
          {language.text("composer.too_long", { count: over })}
        </p>
      )}
    </form>
  );
}

/**
 * Enter, with input methods minded. While *Hangul* is composed, Enter means "send this": it is sent as soon as the
 * composition ends, so that the last syllable is in it. Japanese and Chinese use Enter to choose: left alone.
 */
function useEnter(submit: () => void) {
  const composed = useRef("");
  const sendAfter = useRef(false);
  return {
    compositionStart: () => {
      composed.current = "";
    },
    compositionUpdate: (event: CompositionEvent) => {
      composed.current = event.data;
    },
    compositionEnd: () => {
      if (!sendAfter.current) return;
      setTimeout(() => {
        sendAfter.current = false;
        submit();
      }, 0); // the field has the last syllable only after this event
    },
    /** True if the key was Enter to send. */
    keyDown: (event: KeyboardEvent): boolean => {
      if (event.key !== "Enter" || event.shiftKey) return false;
      if (event.isComposing && !HANGUL.test(composed.current)) return false;
      event.preventDefault();
      if (event.isComposing) sendAfter.current = true;
      else if (!sendAfter.current) submit();
      return true;
    },
  };
}

/** What was begun here and not sent is there again next time. */
function useDraft(
  conversation: Conversation,
  text: string,
  setText: (text: string) => void,
  editing: boolean,
): void {
  const chat = useChat();
  const touched = useRef(false);
  useEffect(() => {
    if (editing) return;
    void chat.drafts.read(conversation.id).then((draft) => {
      if (draft && !touched.current) setText(draft);
    });
  }, [conversation]);
  useEffect(() => {
    if (editing) return;
    if (text) touched.current = true;
    if (!touched.current) return;
    chat.drafts.write(conversation.id, text);
  }, [text]);
}

function lastOwn(conversation: Conversation, me: string): Editing | null {
  const row = conversation.rows.value.findLast(
    (one) => one.kind === "message" && one.author_id === me && !one.deleted,
  );
  return row?.kind === "message" ? { seq: row.seq, text: row.text ?? "" } : null;
}

/** As high as its text, within what the style sheet allows. */
function fit(field: HTMLTextAreaElement | null): void {
  if (!field || CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
