// The composer's Enter: hands the field's events to `Enter` and does what they mean.
import { useRef } from "preact/hooks";
import { Enter } from "./enter";

/** `act` sends, or takes what is offered. */
export function useEnter(act: () => void) {
  const enter = useRef(new Enter()).current;
  const latest = useRef(act);
  latest.current = act;
  return {
    compositionStart: () => enter.compositionStart(),
    compositionUpdate: (event: CompositionEvent) => enter.compositionUpdate(event.data),
    compositionEnd: () => {
      if (!enter.compositionEnd()) return;
      setTimeout(() => {
        enter.done();
        latest.current();
      }, 0); // the field has the last syllable only after this event
    },
    /** True if the key was Enter, and is taken care of. */
    keyDown: (event: KeyboardEvent): boolean => {
      if (!sendsByEnter()) return false;
      const meaning = enter.keyDown(event);
      if (meaning === "other") return false;
      event.preventDefault();
      if (meaning === "now") latest.current();
      return true;
    },
  };
}

/** On phones Enter starts a new line: there the button sends. */
export function sendsByEnter(): boolean {
  return !matchMedia("(pointer: coarse)").matches;
}
