// Rich text that is pasted, as the Markdown people write here. It reads an inert document and writes text: nothing of
// it runs, loads or is kept but words, emphasis, code, quotes, lists and links that may be links.
import { isSafe } from "./addresses";
import { readInline } from "./inline";

const MOST_NODES = 20_000;
const SILENT = new Set(["SCRIPT", "STYLE", "TEMPLATE", "HEAD", "TITLE", "NOSCRIPT", "IFRAME", "OBJECT", "SVG", "BUTTON"]);
const LINES = new Set(["DIV", "SECTION", "ARTICLE", "HEADER", "FOOTER", "MAIN", "TBODY", "THEAD", "TR", "DD", "DT"]);
const APART = new Set(["P", "TABLE", "FIGURE", "DL"]); // with an empty line around them
const MARKS: Record<string, string> = { B: "**", STRONG: "**", I: "_", EM: "_", S: "~~", DEL: "~~", STRIKE: "~~" };
const EDGES = /^(\s*)([\s\S]*?)(\s*)$/;

/** Null if it says no more than its plain text does. */
export function markdownOf(page: Document): string | null {
  const reading = new Reading();
  const text = reading.inside(page.body);
  return reading.formatted ? tidied(text) : null;
}

class Reading {
  formatted = false;
  private nodes = 0;
  private depth = 0; // of lists

  inside(parent: Node): string {
    let text = "";
    for (const child of parent.childNodes) {
      const next = this.node(child);
      text += text.endsWith("\n") ? next.replace(/^ +/, "") : next;
    }
    return text;
  }

  private node(node: Node): string {
    if (++this.nodes > MOST_NODES) return "";
    if (node.nodeType === Node.TEXT_NODE) return literally((node.nodeValue ?? "").replace(/[\s\u00a0]+/g, " "));
    return node.nodeType === Node.ELEMENT_NODE ? this.element(node as HTMLElement) : "";
  }

  private element(element: HTMLElement): string {
    const name = element.tagName.toUpperCase();
    if (SILENT.has(name)) return "";
    if (APART.has(name)) return `\n\n${this.inside(element).trim()}\n\n`;
    if (LINES.has(name)) return `\n${this.inside(element).trim()}\n`;
    switch (name) {
      case "BR":
        return "\n";
      case "IMG":
        return literally(element.getAttribute("alt") ?? "");
      case "TD":
      case "TH":
        return `${this.inside(element).trim()} `;
      case "PRE":
        return this.block(`\`\`\`\n${(element.textContent ?? "").replace(/\n$/, "")}\n\`\`\``);
      case "BLOCKQUOTE":
        return this.block(tidied(this.inside(element)).replace(/^/gm, "> "));
      case "UL":
      case "OL":
        return this.list(element, name === "OL");
      case "CODE":
      case "TT":
        return this.code(element.textContent ?? "");
      case "A":
        return this.link(element);
      default:
        return this.emphasised(element, name);
    }
  }

  private block(text: string): string {
    this.formatted = true;
    return `\n\n${text}\n\n`;
  }

  private list(element: HTMLElement, numbered: boolean): string {
    const indent = "  ".repeat(this.depth);
    let number = Number(element.getAttribute("start") ?? 1);
    this.depth++;
    const lines = [...element.children].map((item) => {
      const words = tidied(this.inside(item)).replace(/\n{2,}/g, "\n");
      if (item.tagName.toUpperCase() !== "LI") return words; // a list right within a list
      return `${indent}${numbered ? `${number++}.` : "-"} ${words.replace(/\n(?!\s*(?:-|\d+\.) )/g, `\n${indent}  `)}`;
    });
    this.depth--;
    this.formatted = true;
    const text = lines.filter((line) => line.trim()).join("\n");
    return this.depth > 0 ? `\n${text}\n` : `\n\n${text}\n\n`;
  }

  private code(words: string): string {
    if (!words.trim()) return words;
    this.formatted = true;
    const mark = words.includes("`") ? "``" : "`";
    return mark === "`" ? `\`${words}\`` : `${mark} ${words} ${mark}`;
  }

  private link(element: HTMLElement): string {
    const address = element.getAttribute("href") ?? "";
    const words = this.inside(element);
    const [, before = "", label = "", after = ""] = EDGES.exec(words) ?? [];
    if (!label || /[\n[\]()<>\s]/.test(address) || !isSafe(address)) return words;
    this.formatted = true;
    const plain = (element.textContent ?? "").trim();
    if (plain === address || `mailto:${plain}` === address) return `${before}${plain}${after}`;
    return `${before}[${label.replace(/[[\]\n]/g, " ")}](${address})${after}`;
  }

  private emphasised(element: HTMLElement, name: string): string {
    const words = this.inside(element);
    if (/^H[1-6]$/.test(name)) return `\n\n${this.marked(words.trim(), "**")}\n\n`;
    const style = element.getAttribute("style") ?? "";
    const weight = /font-weight:\s*(\w+)/.exec(style)?.[1];
    const bold = weight === "bold" || Number(weight) >= 600;
    const light = weight === "normal" || Number(weight) < 600; // what Google Docs puts around everything
    let text = MARKS[name] && !(light && MARKS[name] === "**") ? this.marked(words, MARKS[name]) : words;
    if (!MARKS[name] && bold) text = this.marked(text, "**");
    if (!MARKS[name] && /font-style:\s*italic/.test(style)) text = this.marked(text, "_");
    return text;
  }

  /** Marks stand at the words, spaces outside of them; over several paragraphs there are none. */
  private marked(words: string, mark: string): string {
    const [, before = "", inner = "", after = ""] = EDGES.exec(words) ?? [];
    if (!inner || inner.includes("\n\n") || inner.startsWith(mark)) return words;
    this.formatted = true;
    return `${before}${mark}${inner}${mark}${after}`;
  }
}

/** What would mean something here and did not there is escaped. */
function literally(text: string): string {
  const read = readInline(text);
  const same = read.every((one) => one.kind === "text" || one.kind === "mention" || (one.kind === "link" && !one.children));
  return same && !/\\[\\`*_~|[\]]/.test(text) ? text : text.replace(/[\\`*_~|[\]]/g, "\\$&");
}

function tidied(text: string): string {
  return text.replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
}
