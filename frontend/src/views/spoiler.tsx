// Words that are shown only to those who ask for them, by pointer, keyboard or screen reader.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useLanguage } from "./context";

export function Spoiler({ children }: { children: ComponentChildren }) {
  const language = useLanguage();
  const [shown, setShown] = useState(false);
  const words = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (shown) words.current?.focus(); // the button is gone: reading goes on with what it hid
  }, [shown]);
  if (shown) {
    return (
      <span class="spoiler" ref={words} tabIndex={-1}>
        {children}
      </span>
    );
  }
  return (
    <button type="button" class="spoiler" aria-label={language.text("message.spoiler")} onClick={() => setShown(true)}>
      <span aria-hidden="true" inert>
        {children}
      </span>
    </button>
  );
}
