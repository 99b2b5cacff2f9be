// Fails when what a first visit loads grows over its budget (gzip, kilobytes of 1,000 bytes), or takes more requests.
// Counted is what index.html names, what that imports, the words of one language, the longer one, and the part of the
// page that is drawn: other chunks, which come later, when they are wanted, are not.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const VISITS = {
  "signed in": { part: /^inside-.+\.js$/, js: 60, css: 12 },
  entrance: { part: /^entrance-.+\.js$/, js: 30, css: 12 },
};
const MOST_REQUESTS = 8;
const CALLS = 1; // who is signed in
const dist = new URL("../../app/static/dist/", import.meta.url);

const page = readFileSync(new URL("index.html", dist), "utf8");
const LATER = /^icons\//; // asked for by iOS, when somebody installs the page
const named = [...page.matchAll(/\b(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]).filter((name) => !LATER.test(name));
const longest = chunks(/^(en|ko)-.+\.js$/).sort((a, b) => gzipped(b) - gzipped(a))[0];

let over = false;
for (const [visit, { part, ...limits }] of Object.entries(VISITS)) {
  const files = withImports([...named, longest, ...chunks(part)]);
  for (const [kind, limit] of Object.entries(limits)) {
    const size = files.filter((name) => name.endsWith(`.${kind}`)).reduce((sum, name) => sum + gzipped(name), 0);
    report(`${visit}, ${kind}`, size / 1000, limit, "KB gzip");
  }
  report(`${visit}, requests`, 1 + files.length + CALLS, MOST_REQUESTS, "with the page itself and a call");
}
process.exit(over ? 1 : 0);

function report(what, found, limit, unit) {
  over ||= found > limit;
  console.log(`${what}: ${+found.toFixed(1)} of ${limit} (${unit})${found > limit ? ": over budget" : ""}`);
}

function chunks(pattern) {
  const names = readdirSync(new URL("assets/", dist)).filter((name) => pattern.test(name));
  return names.map((name) => `assets/${name}`);
}

/** The files, and every chunk that they import at once. */
function withImports(names) {
  const found = new Set(names);
  for (const name of found) {
    if (!name.endsWith(".js")) continue;
    for (const [, imported] of read(name).toString().matchAll(/\b(?:import|from)\s*"\.\/([^"]+)"/g)) {
      found.add(`assets/${imported}`);
    }
  }
  return [...found];
}

function gzipped(name) {
  return gzipSync(read(name), { level: 9 }).length;
}

function read(name) {
  return readFileSync(new URL(name, dist));
}
