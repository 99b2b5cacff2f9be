// Addresses in a text become links; everything else stays text.
import type { ComponentChildren } from "preact";

const ADDRESS = /https?:\/\/[^\s<>"']+/g;
const AFTER_ADDRESS = /[.,;:!?)\]}…。、]+$/; // belongs to the sentence, not to the address

export function withLinks(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(AFTER_ADDRESS, "");
    parts.push(text.slice(done, match.index));
    parts.push(
      <a href={address} target="_blank" rel="noopener noreferrer nofollow">
        {address}
      </a>,
    );
    done = match.index + address.length;
  }
  parts.push(text.slice(done));
  return parts;
}
