// What channels are called on the screen.
import type { ChannelRecord } from "../db/database";
import type { Language } from "../platform/locale";
import type { Chat } from "../state/chat";

export function titleOf(record: ChannelRecord, chat: Chat, language: Language): string {
  const { channel } = record;
  if (channel.kind === "direct") return channel.peer ? chat.nameOf(channel.peer.id) : "";
  return channel.name || language.text("list.untitled");
}
