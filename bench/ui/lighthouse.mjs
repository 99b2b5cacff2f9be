// Lighthouse's mobile audit of one address; its scores and figures as one JSON object on stdout.
// node lighthouse.mjs URL [COOKIE]
import lighthouse from "lighthouse";
import { launch } from "chrome-launcher";

const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
const CATEGORIES = ["performance", "accessibility", "best-practices"];

const [url, cookie] = process.argv.slice(2);
const chrome = await launch({ chromeFlags: FLAGS, chromePath: process.env.CHROME_PATH });
try {
  const extraHeaders = cookie ? { Cookie: cookie } : undefined;
  const { lhr } = await lighthouse(url, { port: chrome.port, onlyCategories: CATEGORIES, extraHeaders, logLevel: "error" });
  const numeric = (name) => lhr.audits[name].numericValue ?? 0;
  const failed = Object.values(lhr.audits).filter((audit) => audit.score !== null && audit.score < 0.9);
  process.stderr.write(failed.map((audit) => `  ${audit.id}: ${audit.displayValue ?? audit.title}\n`).join(""));
  console.log(
    JSON.stringify({
      ...Object.fromEntries(CATEGORIES.map((name) => [name.replace("-", "_"), 100 * lhr.categories[name].score])),
      largest_paint: numeric("largest-contentful-paint"),
      blocking: numeric("total-blocking-time"),
      shift: numeric("cumulative-layout-shift"),
    }),
  );
} finally {
  await chrome.kill();
}
