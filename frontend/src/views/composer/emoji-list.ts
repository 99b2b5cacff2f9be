// All emoji, with the names of both languages: a chunk of its own, loaded when somebody first asks for one.
import lines from "virtual:emoji";
import { readEmoji } from "../../text/emoji";

export const EMOJI = readEmoji(lines);
