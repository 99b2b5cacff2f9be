// Arithmetic of spans: which stretches of a channel's order are wholly stored. Pure.
import type { Span } from "./database";

/** `spans` with `added`, merged where they touch. */
export function withSpan(spans: readonly Span[], added: Span): Span[] {
  let [from, to] = added;
  if (from > to) return [...spans];
  const apart: Span[] = [];
  for (const span of spans) {
    if (span[1] < from - 1 || span[0] > to + 1) apart.push(span);
    else [from, to] = [Math.min(from, span[0]), Math.max(to, span[1])];
  }
  return [...apart, [from, to] as Span].sort((a, b) => a[0] - b[0]);
}

/** The span that holds `seq`, if any. */
export function spanAround(spans: readonly Span[], seq: number): Span | null {
  return spans.find(([from, to]) => from <= seq && seq <= to) ?? null;
}
