// Enter, with input methods minded. No DOM here: the composer hands the events in, the tests too.
//
// While *Hangul* is composed, Enter means "send this": done as soon as the composition has ended, so that the last
// syllable is in it. Japanese and Chinese use Enter to choose a candidate: left alone. Browsers differ in their order:
//   Chrome, Firefox  keydown (composing, key code 229) → compositionend [→ on macOS keydown Enter once more]
//   Safari           compositionend → keydown (key code 229, no longer composing)

const HANGUL = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/;
const BY_INPUT_METHOD = 229;

export interface EnterKey {
  key: string;
  code: string;
  keyCode: number;
  isComposing: boolean;
  shiftKey: boolean;
}

/** What a key means: nothing special; Enter that is done; Enter that is done once the composition has ended. */
export type Meaning = "other" | "now" | "after_composition" | "already";

export class Enter {
  private composed = "";
  private awaited = false;

  compositionStart(): void {
    this.composed = "";
  }
  compositionUpdate(text: string): void {
    this.composed = text;
  }
  /** True if Enter was pressed meanwhile: to be done when the field has the last syllable. */
  compositionEnd(): boolean {
    return this.awaited;
  }
  /** What was awaited is done. */
  done(): void {
    this.awaited = false;
  }

  keyDown(event: EnterKey): Meaning {
    if (!isEnter(event) || event.shiftKey) return "other";
    if (this.awaited) return "already";
    if (!event.isComposing && event.keyCode !== BY_INPUT_METHOD) return "now";
    if (!HANGUL.test(this.composed)) return "other"; // a candidate is chosen
    if (!event.isComposing) return "now"; // Safari: the syllable is in the field already
    this.awaited = true;
    return "after_composition";
  }
}

/** Windows says "Process" for a key that an input method takes part in. */
function isEnter({ key, code }: EnterKey): boolean {
  return key === "Enter" || (key === "Process" && (code === "Enter" || code === "NumpadEnter"));
}
