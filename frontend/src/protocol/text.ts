// What a message text may be, as the server will see it.

export const MAX_CODE_POINTS = 20_000;

// Everything the server refuses: control characters but tab and line feed.
const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Well-formed Unicode, NFC, line feeds only, no other control characters; never trimmed. */
export function wellFormed(text: string): string {
  const unix = text.replace(/\r\n?/g, "\n").replace(FORBIDDEN, "");
  return loneSurrogatesReplaced(unix).normalize("NFC");
}

export function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function loneSurrogatesReplaced(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}
