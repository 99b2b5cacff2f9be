// Builds the page into the folder the server serves from, and runs its unit tests.
import { defineConfig } from "vitest/config";
import { squeezed } from "./scripts/squeeze.mjs";
import { emojiModule } from "./scripts/emoji.mjs";
import { serviceWorker } from "./scripts/worker.mjs";

const BROWSERS = ["chrome123", "firefox128", "safari17.5"]; // older targets would rewrite light-dark()

export default defineConfig({
  plugins: [emojiModule(), serviceWorker(), squeezed()],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../app/static/dist",
    emptyOutDir: true,
    target: BROWSERS,
    cssTarget: BROWSERS,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // All that the first visit needs is one file, also what later chunks share with it: no request more than that.
      output: { codeSplitting: { groups: [{ name: "page", test: /src\/main\.tsx$/ }] } },
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
