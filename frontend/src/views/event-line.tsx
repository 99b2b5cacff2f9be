// A line in the timeline about people coming, going, or a group being renamed.
import type { Row } from "../db/database";
import type { Chat } from "../state/chat";
import type { Language } from "../platform/locale";
import { useChat, useLanguage } from "./context";

type EventRow = Exclude<Row, { kind: "message" }>;

export function EventLine({ row }: { row: EventRow }) {
  const chat = useChat();
  const language = useLanguage();
  return (
    <li class="event" data-seq={row.seq}>
      <span>{wordsOf(row, chat, language)}</span>
    </li>
  );
}

const MOST_NAMES = 5;

function wordsOf(row: EventRow, chat: Chat, language: Language): string {
  const actor = chat.nameOf(row.author_id);
  switch (row.kind) {
    case "join": {
      if (row.seq === 1) return language.text("event.created", { actor });
      const joined = row.user_ids.slice(0, MOST_NAMES).map((id) => chat.nameOf(id));
      const names = language.names(row.user_ids.length > MOST_NAMES ? [...joined, "…"] : joined);
      if (row.user_ids.length === 1 && row.user_ids[0] === row.author_id) {
        return language.counted("event.joined", 1, { names });
      }
      return language.text("event.added", { actor, names });
    }
    case "leave": {
      const name = chat.nameOf(row.user_id);
      return row.user_id === row.author_id
        ? language.text("event.left", { name })
        : language.text("event.removed", { actor, name });
    }
    case "role":
      return language.text("event.role", { name: chat.nameOf(row.user_id), role: language.text(`role.${row.role}`) });
    case "channel":
      if (row.closed) return language.text("event.closed", { actor });
      if (row.name != null) return language.text("event.renamed", { actor, name: row.name });
      return language.text("event.topic", { actor });
  }
}
