// What channels are called on the screen.
import type { ChannelRecord } from "../db/database";
import type { Language } from "../platform/locale";

export function titleOf(record: ChannelRecord, language: Language): string {
  const { channel } = record;
  if (channel.kind === "direct") return channel.peer?.display_name ?? "";
  return channel.name || language.text("list.untitled");
}
