// What was begun here and not sent is there again next time, with the caret where it was.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation } from "../../state/conversation";
import { useChat } from "../context";

export function useDraft(
  conversation: Conversation,
  field: RefObject<HTMLTextAreaElement | null>,
  text: string,
  setText: (text: string) => void,
  editing: boolean,
): void {
  const chat = useChat();
  const touched = useRef(false);
  const caret = useRef<number | null>(null);
  useEffect(() => {
    if (editing) return;
    void chat.drafts.open(conversation.id).then((draft) => {
      if (!draft.text || touched.current) return;
      caret.current = draft.caret;
      setText(draft.text);
    });
  }, [conversation]);
  useLayoutEffect(() => {
    if (caret.current === null || !text) return;
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [text]);
  useLayoutEffect(() => {
    // Not after the next painting: the page may be gone by then.
    if (editing) return;
    if (text) touched.current = true;
    if (touched.current) chat.keepDraft(conversation.id, text, field.current?.selectionEnd);
  }, [text]);
  // The caret alone has moved: kept when the conversation is left.
  useEffect(() => {
    const element = field.current;
    return () => {
      if (!editing && element?.value) chat.keepDraft(conversation.id, element.value, element.selectionEnd);
    };
  }, [conversation]);
}
