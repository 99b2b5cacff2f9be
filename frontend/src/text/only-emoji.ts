// Messages of emoji alone.

const LONGEST = 60; // three of the longest: families, flags of regions
// Pictures, joined ones, flags, keycaps (UTS #51). `\p{RGI_Emoji}` knows all by name, and takes 50 ms to be made.
const PICTURE = String.raw`(?:\p{EBase}\p{EMod}|\p{EPres}|\p{Emoji}\ufe0f)`;
const JOINED = String.raw`(?![\p{RI}0-9#*])${PICTURE}(?:[\u{e0020}-\u{e007e}]+\u{e007f})?(?:\u200d${PICTURE})*`;
const EMOJI = String.raw`(?:${JOINED}|\p{RI}{2}|[0-9#*]\ufe0f\u20e3)`;
const ONE_TO_THREE = new RegExp(String.raw`^\s*(?:${EMOJI}\s*){1,3}$`, "u");

/** One to three emoji and nothing else: shown large. */
export function isOnlyEmoji(text: string): boolean {
  return text.length <= LONGEST && ONE_TO_THREE.test(text);
}
