// Colours code: a chunk of its own, loaded when the first block with a language comes in sight.
import type { ComponentChildren } from "preact";
import { createLowlight } from "lowlight";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import markdown from "highlight.js/lib/languages/markdown";
import nginx from "highlight.js/lib/languages/nginx";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const lowlight = createLowlight({
  bash, c, cpp, csharp, css, diff, dockerfile, go, ini, java, javascript, json, kotlin, markdown, nginx, php, python,
  ruby, rust, sql, swift, typescript, xml, yaml,
});

type Tree = ReturnType<typeof lowlight.highlight>;
type Piece = Tree["children"][number];

/** The same text in coloured pieces; null for a language nobody here knows. */
export function highlighted(language: string, text: string): ComponentChildren {
  if (!lowlight.registered(language)) return null;
  return lowlight.highlight(language, text).children.map(draw);
}

function draw(piece: Piece): ComponentChildren {
  if (piece.type === "text") return piece.value;
  if (piece.type !== "element") return null;
  const names = piece.properties.className;
  return <span class={Array.isArray(names) ? names.join(" ") : undefined}>{piece.children.map((child) => draw(child as Piece))}</span>;
}
