// What the tabs of one person tell each other; the service worker tells of changes the same way.
import type { Rumour } from "../net/inbox";
import type { LinkState } from "../net/ladder";
import type { ChannelId } from "../protocol/types";
import type { Change } from "../sync/change";
import type { Glance } from "./attention";

export type TabMessage =
  | { kind: "change"; change: Change }
  | { kind: "rumour"; rumour: Rumour }
  | { kind: "state"; state: LinkState }
  | { kind: "state?" }
  | { kind: "glance"; tab: string; glance: Glance }
  | { kind: "typing"; channel: ChannelId };
