// What a connection delivers to, whichever transport it is.
import type { Channel, ChatEvent, Cursor, ServerFrame } from "../protocol/types";

export interface Delivery {
  events: ChatEvent[];
  cursor: Cursor | null;
  reset: Channel[];
  heads: Channel[] | null;
}

/** Ephemeral news: may be lost, is never stored. */
export type Rumour = Extract<ServerFrame, { type: "receipt" | "user" | "presence" | "typing" }>;
export type Receipt = Extract<Rumour, { type: "receipt" }>;

export interface Inbox {
  /** Where this device stands: everything before is stored. Null at the start. */
  cursor(): Promise<Cursor | null>;
  /** Resolves once stored. Rejects when it could not be: then the connection starts again from the cursor. */
  take(delivery: Delivery): Promise<void>;
  hear(rumour: Rumour): void;
}
