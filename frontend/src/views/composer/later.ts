// Parts that are loaded when they are first wanted. Without a connection, and never loaded before, there are none.
import { useCallback, useRef, useState } from "preact/hooks";

/** What was loaded, or null; and a way to ask for it. */
export function useLater<Part>(load: () => Promise<Part>): [Part | null, () => Promise<Part | null>] {
  const [part, setPart] = useState<Part | null>(null);
  const loading = useRef<Promise<Part | null> | null>(null);
  const ask = useCallback(() => {
    loading.current ??= load().then(
      (loaded) => {
        setPart(() => loaded);
        return loaded;
      },
      () => {
        loading.current = null; // asked for again the next time
        return null;
      },
    );
    return loading.current;
  }, []);
  return [part, ask];
}
