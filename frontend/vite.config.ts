// Builds the page into the folder the server serves from, and runs its unit tests.
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { squeezed } from "./scripts/squeeze.mjs";
import { emojiModule } from "./scripts/emoji.mjs";
import { serviceWorker } from "./scripts/worker.mjs";

const BROWSERS = ["chrome123", "firefox128", "safari17.5"]; // older targets would rewrite light-dark()

// The same code as modules: CommonJS would bring a helper of the bundler's to those who see no code at all.
const HIGHLIGHT = { find: /^highlight\.js\/lib\/(.+)$/, replacement: "@highlightjs/cdn-assets/es/$1.min.js" };

/** Without what Vite puts around `import()` to load styles and to preload: here the styles are one file, and the server
 * names what comes at once. A kilobyte of each first visit. */
const plainImports = (): Plugin => ({
  name: "plain-imports",
  enforce: "pre",
  load: { filter: { id: /vite\/preload-helper/ }, handler: () => "export const __vitePreload = (load) => load();" },
});

export default defineConfig({
  resolve: { alias: [HIGHLIGHT] },
  plugins: [emojiModule(), plainImports(), serviceWorker(), squeezed()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../app/static/dist",
    emptyOutDir: true,
    target: BROWSERS,
    cssTarget: BROWSERS,
    cssCodeSplit: false,
    modulePreload: false, // what comes at once is named by the server (app/core/pages.py)
    rolldownOptions: {
      // What everybody needs is one file (the entrance, too: else it would bring the other), what those signed in need
      // another; each also with what later chunks share with it: no request more than that.
      output: {
        codeSplitting: {
          groups: [
            { name: "page", test: /src\/(main\.tsx|views\/problem\.ts)$/, priority: 2 },
            { name: "inside", test: /src\/views\/inside\.ts$/, priority: 1 },
          ],
        },
      },
    },
    assetsInlineLimit: 0, // the content security policy allows no data: scripts or styles
  },
  server: {
    proxy: {
      "/api": { target: "http://127.0.0.1:8000", ws: true },
    },
  },
  test: { include: ["tests/**/*.test.ts"] },
});
