// Muting a conversation, wherever its menu opens.
import type { ChannelRecord } from "../db/database";
import { notificationsOf, type Notifications } from "../state/muting";
import { useChat, useLanguage } from "./context";
import { BellIcon, MutedIcon } from "./icons";
import { LATER } from "./later-words";
import type { MenuItem } from "./menu";
import { useMuted } from "./muted";
import { useAttempt } from "./notice";

const HOUR_MS = 60 * 60_000;

/** What the menu of a conversation offers about it. */
export function useMuting(record: ChannelRecord): MenuItem[] {
  const chat = useChat();
  const language = useLanguage(LATER);
  const muted = useMuted(record);
  const { level } = notificationsOf(record);
  const attempt = useAttempt();
  const set = (wanted: Notifications) => () => attempt(chat.notify(record.id, wanted));
  const muteFor = (hours: number): MenuItem => ({
    text: language.counted("mute.hours", hours),
    icon: <MutedIcon size={16} />,
    onChoose: () => set({ level, muted_until: Date.now() + hours * HOUR_MS })(),
  });
  if (muted) {
    const back = level === "none" ? "all" : level;
    return [
      {
        text: language.text("mute.off"),
        icon: <BellIcon size={16} />,
        onChoose: set({ level: back, muted_until: null }),
      },
    ];
  }
  return [
    muteFor(1),
    muteFor(8),
    { text: language.text("mute.on"), icon: <MutedIcon size={16} />, onChoose: set({ level: "none", muted_until: null }) },
  ];
}
