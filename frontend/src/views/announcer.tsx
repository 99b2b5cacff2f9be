// The one live region: says aloud what arrives in the open conversation.
import { useEffect, useRef, useState } from "preact/hooks";
import { plainWords } from "../text/plain";
import { useChat } from "./context";

export function Announcer() {
  const chat = useChat();
  const conversation = chat.open.value;
  const rows = conversation?.rows.value;
  const latest = rows?.at(-1);
  const heard = useRef<{ id: string; seq: number } | null>(null);
  const [words, setWords] = useState("");

  useEffect(() => {
    if (!conversation || !latest) return;
    const before = heard.current;
    heard.current = { id: conversation.id, seq: latest.seq };
    const isNew = before?.id === conversation.id && latest.seq > before.seq;
    if (!isNew || latest.kind !== "message" || latest.author_id === chat.me.value.id) return;
    setWords(`${chat.nameOf(latest.author_id)}: ${plainWords(latest.text ?? "")}`);
  }, [conversation, latest]);

  return (
    <div class="visually-hidden" aria-live="polite">
      {words}
    </div>
  );
}
