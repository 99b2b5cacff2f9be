// Builds the service worker (sw/) for the page that was just built: it knows the page's build and all its files.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const ENTRY = fileURLToPath(new URL("../sw/sw.ts", import.meta.url));
const KEPT = /^(assets\/.+\.(js|css)|favicon\.svg)$/; // what the page needs without a server; icons are the system's business
const PLACEHOLDER = "__BUILD__"; // in index.html

/** A Vite plugin: names the build in the page, and writes /sw.js. */
export function serviceWorker() {
  let config;
  return {
    name: "maru-service-worker",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    closeBundle: { sequential: true, handler },
  };

  async function handler(error) {
    if (error) return;
    const folder = new URL(`file://${config.root}/${config.build.outDir}/`);
    const files = readdirSync(folder, { recursive: true }).filter((name) => KEPT.test(name)).sort();
    const page = readFileSync(new URL("index.html", folder), "utf8");
    const name = nameOf(page, files, folder);
    writeFileSync(new URL("index.html", folder), page.replace(PLACEHOLDER, name));
    await build(workerOf(config, name, files.map((file) => `/${file}`)));
  }
}

/** The same for the same page. Names of assets carry the hash of what is in them. */
function nameOf(page, files, folder) {
  const hash = createHash("sha256").update(page);
  for (const file of files) {
    hash.update(`\n${file}\n`);
    if (!file.startsWith("assets/")) hash.update(readFileSync(new URL(file, folder)));
  }
  return hash.digest("hex").slice(0, 16);
}

function workerOf({ root, build: { outDir, target } }, name, files) {
  return {
    configFile: false,
    root,
    logLevel: "warn",
    publicDir: false,
    define: { BUILD: JSON.stringify(name), FILES: JSON.stringify(files) },
    build: {
      outDir,
      emptyOutDir: false,
      target,
      rollupOptions: { input: ENTRY, output: { format: "iife", entryFileNames: "sw.js" } },
    },
  };
}
