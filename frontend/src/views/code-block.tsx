// A block of code. Its colours come when it comes in sight, and move nothing.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLanguage } from "./context";
import { CopyIcon } from "./icons";
import { useCopy } from "./notice";

const MOST_LETTERS = 10_000; // longer ones stay plain

export function CodeBlock({ language, text }: { language: string; text: string }) {
  const texts = useLanguage();
  const copy = useCopy();
  const block = useRef<HTMLPreElement>(null);
  const [coloured, setColoured] = useState<ComponentChildren>(null);
  useEffect(() => {
    setColoured(null);
    const element = block.current;
    if (!element || !language || text.length > MOST_LETTERS) return;
    return onceInSight(element, () => {
      const fall = () => undefined; // offline and never loaded: it stays plain
      import("./highlight").then(({ highlighted }) => setColoured(highlighted(language, text)), fall);
    });
  }, [language, text]);
  return (
    <div class="code-block">
      <pre ref={block} tabIndex={0} role="group" aria-label={texts.text("message.code", { language })} dir="ltr">
        <code>{coloured ?? text}</code>
      </pre>
      <button
        type="button"
        class="icon-button"
        aria-label={texts.text("message.code.copy")}
        onClick={() => copy(text)}
      >
        <CopyIcon size={14} />
      </button>
    </div>
  );
}

function onceInSight(element: Element, then: () => void): () => void {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    then();
  });
  observer.observe(element);
  return () => observer.disconnect();
}
