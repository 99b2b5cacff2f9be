// A value derived from signals: the view is drawn again only when the value itself changes.
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";

/** `deps` are what `derive` uses besides signals. */
export function useDerived<T>(derive: () => T, deps: readonly unknown[]): T {
  return useMemo(() => computed(derive), deps).value;
}
