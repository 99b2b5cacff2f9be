// The dialect: what is emphasis, what is a face; and that nothing typed takes long to read.
import { describe, expect, it } from "vitest";
import { readMarkdown } from "../src/text/markdown";
import { plainWords } from "../src/text/plain";
import type { Block, Inline } from "../src/text/tokens";

/** Tokens as a short drawing: b(bold) i(italic) s(strike) ?(spoiler) `code` @mention, links as [label→address]. */
const drawn = (text: string): string => readMarkdown(text).map(drawBlock).join(" ¶ ");

function drawBlock(block: Block): string {
  switch (block.kind) {
    case "paragraph":
      return drawAll(block.children);
    case "quote":
      return `quote(${block.blocks.map(drawBlock).join(" ¶ ")})`;
    case "list":
      return `list(${block.items.map((item) => [`${item.number ?? "-"} ${drawAll(item.children)}`, ...item.nested.map(drawBlock)].join(" ")).join(", ")})`;
    case "fence":
      return `fence:${block.language}(${block.text})`;
  }
}
const drawAll = (inlines: Inline[]): string => inlines.map(draw).join("");
const LETTERS = { bold: "b", italic: "i", strike: "s", spoiler: "?" };
function draw(inline: Inline): string {
  switch (inline.kind) {
    case "text":
      return inline.text;
    case "code":
      return `\`${inline.text}\``;
    case "mention":
      return `<@${inline.name}>`;
    case "link":
      return `[${inline.children ? `${drawAll(inline.children)}→` : ""}${inline.address}]`;
    default:
      return `${LETTERS[inline.kind]}(${drawAll(inline.children)})`;
  }
}

describe("emphasis", () => {
  it.each([
    ["**bold** and *italic* and _italic_ and __bold__", "b(bold) and i(italic) and i(italic) and b(bold)"],
    ["***both*** ~~gone~~ ||secret||", "b(i(both)) s(gone) ?(secret)"],
    ["**bold with *italic* in it**", "b(bold with i(italic) in it)"],
    ["||**bold** and `code`||", "?(b(bold) and `code`)"],
    ["two\nlines stay **two\nlines**", "two\nlines stay b(two\nlines)"],
  ])("%s", (text, tokens) => expect(drawn(text)).toBe(tokens));

  it.each([
    ["**굵게**는", "b(굵게)는"],
    ["이건**굵게**입니다", "이건b(굵게)입니다"],
    ["이건*기울임*이다", "이건i(기울임)이다"],
    ["_기울임_은", "i(기울임)은"],
    ["**“따옴표”**는", "b(“따옴표”)는"], // CommonMark leaves the marks here
    ["값은 ~~만원~~오천원", "값은 s(만원)오천원"],
    ["범인은 ||집사||였다", "범인은 ?(집사)였다"],
    ["`코드`를", "`코드`를"],
  ])("closes beside Hangul without a space: %s", (text, tokens) => expect(drawn(text)).toBe(tokens));

  it.each([
    "2*3*4=24",
    "2**3**4",
    "파일_이름_최종.txt and snake_case_name",
    "ㅠ_ㅠ 그래 ㅠ_ㅠ",
    "-_- no -_-",
    "*_*",
    ">_<",
    "네~~ 알겠습니다~~",
    "네~~감사합니다~~",
    "ㅋㅋ~~~~ 아~~~~",
    "a || b || c",
    "**not closed and *neither",
    "** spaces **",
    "five ***** stars ***** here",
    "a *line\n\nnot over* an empty line",
    "<b onclick=x>not HTML</b> &amp; so on",
    "# no heading",
    "---",
    "a | b\n--|--\n1 | 2",
    "    no block by four spaces",
    "[label]: https://not.a.reference",
    "2026. 3. 1. 삼일절",
  ])("is none: %s", (text) => expect(plainWords(text).replace("https://not.a.reference", "…")).toBe(text.trim().replace("https://not.a.reference", "…")));

  it("is escaped with a backslash", () => expect(drawn("\\*not\\* \\`this\\` C:\\dir")).toBe("*not* `this` C:\\dir"));
});

describe("code", () => {
  it.each([
    ["`a **b** [c](https://d.e)`", "`a **b** [c](https://d.e)`"],
    ["`` a ` b ``", "`a ` b`"],
    ["a ` b", "a ` b"],
    ["```ts\nconst a = 1;\n\n**b**\n```\nafter", "fence:ts(const a = 1;\n\n**b**) ¶ after"],
    ["before\n```\ncode```", "before ¶ fence:(code)"],
    ["```py\nnever closed", "fence:py(never closed)"],
    ["```one line```", "`one line`"],
  ])("%s", (text, tokens) => expect(drawn(text)).toBe(tokens));
});

describe("quotes and lists", () => {
  it.each([
    ["> quoted **words**\n> more\nanswer", "quote(quoted b(words)\nmore) ¶ answer"],
    ["> > twice\n> once", "quote(quote(twice) ¶ once)"],
    ["- one\n- two\n  still two\n  - within\n* three", "list(- one, - two\nstill two list(- within), - three)"],
    ["3. three\n4) four", "list(3 three, 4 four)"],
    ["1. a\n- b", "list(1 a) ¶ list(- b)"],
    ["text\n- item\n\ntext", "text ¶ list(- item) ¶ text"],
    ["-5 degrees and - this", "-5 degrees and - this"],
  ])("%s", (text, tokens) => expect(drawn(text)).toBe(tokens));
});

describe("links", () => {
  it.each([
    ["see https://maru.example/a_b_c?d=*e*.", "see [https://maru.example/a_b_c?d=*e]*."],
    ["(https://en.wikipedia.org/wiki/Maru_(hall))", "([https://en.wikipedia.org/wiki/Maru_(hall)])"],
    ["https://maru.example에서 봐요", "[https://maru.example]에서 봐요"],
    ["https://maru.example/문서/마루를", "[https://maru.example/문서/마루를]"],
    ["https://maru.example/a를 보면", "[https://maru.example/a]를 보면"],
    ["[the **hall**](https://maru.example)", "[the b(hall)→https://maru.example]"],
    ["[여기](https://maru.example)를", "[여기→https://maru.example]를"],
    ["![a picture](https://maru.example/a.png)", "[a picture→https://maru.example/a.png]"],
    ["[write](mailto:ada@maru.example)", "[write→mailto:ada@maru.example]"],
    ["<https://maru.example/a,>", "[https://maru.example/a,]"],
    ["**https://maru.example**", "b([https://maru.example])"],
    ["||https://maru.example||", "?([https://maru.example])"],
  ])("%s", (text, tokens) => expect(drawn(text)).toBe(tokens));

  it.each([
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert`1`)",
    "[x](data:text/html,a)",
    "[x](//evil.example)",
    "[x](/relative)",
    "<javascript:alert(1)>",
    "[x](https://)",
    "ftp://a.example",
    "[x](ftp://a.example)",
    "[x](javascript://a.example/%0aalert(1))",
    "[x](mailto:nobody)",
  ])("are none of %s", (text) => expect(drawn(text)).not.toMatch(/→|\[(?:https?|mailto|java|data|ftp)[^[]*\]/));
});

describe("mentions", () => {
  it.each([
    ["@minsu 안녕", "<@minsu> 안녕"],
    ["안녕@minsu", "안녕<@minsu>"],
    ["(@김민수님)", "(<@김민수님>)"],
    ["ada@maru.example", "ada@maru.example"],
    ["**@ada**", "b(<@ada>)"],
    ["`@ada`", "`@ada`"],
  ])("%s", (text, tokens) => expect(drawn(text)).toBe(tokens));
});

it("shows no spoiler in the plain words that lists and announcements use", () => {
  expect(plainWords("> **it** was ||the butler||\n- [here](https://maru.example/long)")).toBe("it was ▒▒▒\n• here");
});

/** One that is quadratic runs into the runner's own time limit, or overflows the stack. */
describe("text made to be slow", () => {
  const letters = 16_384;
  it.each([
    "*a ", "_a", "**a*", "*_~~||", "[", "[a](", "![a](<", "`a``", "```\n", ">", "> ", "> * ", "- a\n  ", "~~a~", "http://a.b/(", "http://%",
    "http://a)", "<a <", "<http://", "@a@", "@".padEnd(34, "a"), "\\", "\n", " \n\n", "* ", "1. ", "[a]", "](", "a_b_", "||a", "mailto:", "(_", "!",
  ])("repeats %j", (part) => {
    const text = part.repeat(letters / part.length);
    expect(depthOf(readMarkdown(text))).toBeLessThan(40); // or drawing it would overflow the stack
  });
});

it("nests emphasis so deep and no deeper", () => {
  expect(depthOf(readMarkdown(`${"*_".repeat(2_000)}a${"_*".repeat(2_000)}`))).toBeLessThan(40);
});

function depthOf(value: unknown): number {
  if (Array.isArray(value)) return Math.max(0, ...value.map(depthOf));
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
