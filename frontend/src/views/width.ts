// How much room there is: where one pane stands for all, that pane is the main one.
import { useEffect, useState } from "preact/hooks";

/** The widths at which the style sheet changes the number of panes. */
export const ONE_PANE = 720;
export const TWO_PANES = 1024;

/** True while the window is narrower than `width` pixels. */
export function useNarrowerThan(width: number): boolean {
  const query = `(width < ${width}px)`;
  const [narrow, setNarrow] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const onChange = () => setNarrow(media.matches);
    media.addEventListener("change", onChange);
    return () => media.removeEventListener("change", onChange);
  }, [query]);
  return narrow;
}
