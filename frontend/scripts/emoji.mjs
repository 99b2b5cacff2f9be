// The module "virtual:emoji": what the picker and `:shortcodes:` need of emojibase, in English and Korean, and no more.
import { createRequire } from "node:module";

const NAME = "virtual:emoji";
const COMPONENT = 2; // skin tones and hair by themselves are not offered
const EVERYWHERE = 5; // the version of 2017: what came later some systems may not have
const read = createRequire(import.meta.url);

export function emojiModule() {
  return {
    name: "maru:emoji",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) => (id === `\0${NAME}` ? `export default ${JSON.stringify(lines().join("\n"))};` : undefined),
  };
}

/** One line an emoji: itself, group, version, "t" if it takes a skin tone, shortcodes, English and Korean names and tags. */
function lines() {
  const english = read("emojibase-data/en/compact.json");
  const versions = new Map(read("emojibase-data/en/data.json").map((emoji) => [emoji.hexcode, emoji.version]));
  const korean = new Map(read("emojibase-data/ko/compact.json").map((emoji) => [emoji.hexcode, emoji]));
  const shortcodes = [read("emojibase-data/en/shortcodes/github.json"), read("emojibase-data/en/shortcodes/iamcal.json")];
  const known = english.filter((emoji) => emoji.group !== undefined && emoji.group !== COMPONENT);
  return known
    .sort((a, b) => a.order - b.order)
    .map((emoji) => {
      const codes = new Set(shortcodes.flatMap((codes) => codes[emoji.hexcode] ?? []));
      const named = [emoji, korean.get(emoji.hexcode)].map((one) => [one.label, ...(one.tags ?? [])].join("|"));
      const version = versions.get(emoji.hexcode);
      const newer = version > EVERYWHERE ? version : "";
      return [emoji.unicode, emoji.group, newer, takesTone(emoji) ? "t" : "", [...codes].join(" "), ...named].join("\t");
    });
}

/** As `src/text/emoji.ts` puts the tone in; people holding hands and the like need more than that. */
function takesTone({ unicode, skins }) {
  const [first, ...rest] = unicode;
  const toned = first + "\u{1f3fb}" + rest.join("").replace(/^\ufe0f/, "");
  return skins?.[0]?.unicode === toned;
}
