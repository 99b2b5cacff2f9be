// Fails when what a first visit loads grows over its budget (gzip, kilobytes of 1,000 bytes).
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = { js: 60, css: 12 };
const assets = new URL("../../app/static/dist/assets/", import.meta.url);

let over = false;
for (const [kind, limit] of Object.entries(BUDGET_KB)) {
  const size = readdirSync(assets)
    .filter((name) => name.endsWith(`.${kind}`))
    .reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, assets)), { level: 9 }).length, 0);
  const kilobytes = size / 1000;
  over ||= kilobytes > limit;
  console.log(`${kind}: ${kilobytes.toFixed(1)} KB gzip of ${limit} KB${kilobytes > limit ? ": over budget" : ""}`);
}
process.exit(over ? 1 : 0);
