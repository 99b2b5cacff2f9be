// Conversations that shall not call for attention, for a while or until the person says otherwise.
import type { ChannelRecord } from "../db/database";
import type { NotificationLevel } from "../protocol/types";

export interface Notifications {
  level: NotificationLevel;
  /** Milliseconds since 1970; null: not muted for a time. */
  muted_until: number | null;
}

export function notificationsOf({ channel }: ChannelRecord): Notifications {
  return { level: channel.notification_level ?? "all", muted_until: channel.muted_until ?? null };
}

export function isMuted(record: ChannelRecord, now: number): boolean {
  const { level, muted_until } = notificationsOf(record);
  return level === "none" || (muted_until ?? 0) > now;
}
