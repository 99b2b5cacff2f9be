// Lays a compressed copy beside each file of the built page that shrinks by it; the server sends that to who takes it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const SHRINKS = /\.(js|css|html|svg|json|webmanifest)$/;
const WORTH_BYTES = 1_000; // less fits into one packet as it is

/** A plugin of Vite, to be named last: it sees what all others wrote. */
export function squeezed() {
  let folder;
  return {
    name: "squeezed",
    apply: "build",
    configResolved: (config) => void (folder = join(config.root, config.build.outDir)),
    closeBundle: { order: "post", sequential: true, handler: () => squeeze(folder) },
  };
}

function squeeze(folder) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!SHRINKS.test(name)) continue;
    const path = join(folder, name);
    const whole = readFileSync(path);
    if (whole.length < WORTH_BYTES) continue;
    writeFileSync(`${path}.gz`, gzipSync(whole, { level: 9 }));
    writeFileSync(`${path}.br`, brotliCompressSync(whole));
  }
}
