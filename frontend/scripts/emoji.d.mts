import type { Plugin } from "vite";
export function emojiModule(): Plugin;
