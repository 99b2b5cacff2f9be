// A place where nothing is yet: a drawing, a sentence, and at most one thing to do.
import type { ComponentChildren } from "preact";

interface EmptyProps {
  drawing: ComponentChildren;
  text: string;
  children?: ComponentChildren;
}

export function Empty({ drawing, text, children }: EmptyProps) {
  return (
    <div class="empty">
      {drawing}
      <p>{text}</p>
      {children}
    </div>
  );
}
