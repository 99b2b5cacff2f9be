// What a message's text is made of once it is read: blocks, and what stands in their lines. Plain values, no nodes.

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "bold" | "italic" | "strike" | "spoiler"; children: Inline[] }
  | { kind: "code"; text: string }
  /** `children` is null for a bare address: it is its own label. */
  | { kind: "link"; address: string; children: Inline[] | null }
  /** `name` may run on beyond the username, as in "@minsu야": who is meant is decided where people are known. */
  | { kind: "mention"; name: string };

export interface ListItem {
  /** As it was typed; null for a bullet. */
  number: number | null;
  children: Inline[];
  nested: Block[];
}

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; items: ListItem[] }
  /** `language`: what stands after the fence, lower case, or empty. */
  | { kind: "fence"; language: string; text: string };
