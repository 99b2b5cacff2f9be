// One line that says what became of what was just asked for, and goes by itself.
import { useEffect } from "preact/hooks";
import { copyText } from "../platform/device";
import { useHome, useLanguage } from "./context";
import { wordsForError } from "./problem";

const SHOWN_MS = 4_000;

export function Notice() {
  const { notice } = useHome();
  const words = notice.value;
  useEffect(() => {
    if (!words) return;
    const timer = setTimeout(() => (notice.value = null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <div class="notice" role="status">
      {words && <p class="pill">{words}</p>}
    </div>
  );
}

/** Tells the person how it ended: why it did not go, or `done`. */
export function useAttempt(): (work: Promise<unknown>, done?: string) => void {
  const { notice } = useHome();
  const language = useLanguage();
  return (work, done) =>
    void work.then(
      () => done && (notice.value = done),
      (error: unknown) => (notice.value = wordsForError(language, error)),
    );
}

/** Copies, and says whether it did. */
export function useCopy(): (text: string) => void {
  const { notice } = useHome();
  const language = useLanguage();
  return (text) =>
    void copyText(text).then((copied) => (notice.value = language.text(copied ? "copy.done" : "copy.failed")));
}
