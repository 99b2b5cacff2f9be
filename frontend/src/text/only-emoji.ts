// Messages of emoji alone.

const LONGEST = 60; // three of the longest: families, flags of regions
// `\p{RGI_Emoji}` needs the v flag, which TypeScript's target does not write as a literal yet.
const ONE_TO_THREE = new RegExp("^\\s*(?:\\p{RGI_Emoji}\\s*){1,3}$", "v");

/** One to three emoji and nothing else: shown large. */
export function isOnlyEmoji(text: string): boolean {
  return text.length <= LONGEST && ONE_TO_THREE.test(text);
}
