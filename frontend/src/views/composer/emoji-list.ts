// The emoji that can be drawn here, with the names of both languages: a chunk of its own, loaded when first asked for.
import lines from "virtual:emoji";
import { emojiFont } from "../../platform/emoji-font";
import { drawnOf, readEmoji } from "../../text/emoji";

export const EMOJI = drawnOf(readEmoji(lines), emojiFont());
