// Writes TypeScript types to stdout for the JSON schema on stdin (`wire_schema.py`).
import { readFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

const BANNER = "/* eslint-disable */\n// Made by `make types` from the structs that parse the wire in the server. Not to be changed by hand.";

// json-schema-to-typescript's own remark in every comment; where nothing else is said, the whole comment.
const REFERENCED = /\/\*\*\n \* This interface was referenced by `Wire`.*\n.*\n \*\/\n|^ \*\n \* This interface was referenced by `Wire`.*\n.*\n/gm;

const schema = withoutTitles(JSON.parse(readFileSync(0, "utf8")));
const text = await compile(schema, "Wire", {
  additionalProperties: false,
  bannerComment: BANNER,
  unreachableDefinitions: true,
  style: { printWidth: 110 },
});
process.stdout.write(text.replace("export interface Wire {}\n", "").replace(REFERENCED, ""));

/** A definition is named by its key; the titles say the same again. */
function withoutTitles(value, within) {
  if (Array.isArray(value)) return value.map((item) => withoutTitles(item));
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).filter(([key, held]) => key !== "title" || typeof held !== "string" || within === "properties");
  return Object.fromEntries(kept.map(([key, held]) => [key, withoutTitles(held, key)]));
}
