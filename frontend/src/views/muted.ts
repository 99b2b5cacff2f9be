// Whether a conversation is muted just now: time passes, and it no longer is.
import type { ChannelRecord } from "../db/database";
import { isMuted } from "../state/muting";
import { useHome } from "./context";

export function useMuted(record: ChannelRecord): boolean {
  return isMuted(record, useHome().now.value);
}
