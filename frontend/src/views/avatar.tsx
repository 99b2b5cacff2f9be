// A pebble with a person's initials, tinted from the name.

export interface AvatarProps {
  name: string;
  /** Groups have a square stone, people a pebble. */
  group?: boolean;
  size?: "small" | "middle" | "large";
}

export function Avatar({ name, group = false, size = "middle" }: AvatarProps) {
  return (
    <span class={`avatar ${size}${group ? " group" : ""}`} style={{ "--hue": hueOf(name) }} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

/** The last two syllables of a Hangul name, otherwise the first letters of its first two words. */
export function initialsOf(name: string): string {
  const trimmed = name.trim();
  if (/^[가-힣 ]+$/.test(trimmed)) return trimmed.replace(/ /g, "").slice(-2);
  const words = trimmed.split(/[\s._-]+/).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? "");
  return letters.join("").toUpperCase();
}

function hueOf(name: string): number {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return sum;
}
