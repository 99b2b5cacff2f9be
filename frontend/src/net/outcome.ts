// How an attempt to act ended, the same for every transport.
import type { ChatEvent, Problem } from "../protocol/types";
import { Refused, Unreachable } from "./rest";

export type Outcome =
  | { kind: "done"; event: ChatEvent | null }
  /** Not decided: the same again later, on any transport. */
  | { kind: "again"; afterMs: number }
  /** The connection broke while it was under way: whether the server acted is unknown. */
  | { kind: "broke" }
  /** The server decided against it, and says why. */
  | { kind: "refused"; problem: Problem }
  | { kind: "signed_out" };

// Codes of the catalogue that do not decide anything; all others name a reason.
const UNDECIDED = new Set(["rate_limited", "internal", "unavailable", "draining", "superseded"]);

export function outcomeOfCode(problem: Problem): Outcome {
  if (problem.code === "unauthenticated") return { kind: "signed_out" };
  if (UNDECIDED.has(problem.code)) return { kind: "again", afterMs: (problem.retry_after ?? 0) * 1000 };
  return { kind: "refused", problem };
}

/** Of an error thrown by `Rest`, or by whoever stored its answer: that is told to the console and tried again. */
export function outcomeOfError(error: unknown): Outcome {
  if (error instanceof Refused) {
    if (error.problem.status === 401) return { kind: "signed_out" };
    if (!error.again) return { kind: "refused", problem: error.problem };
    return { kind: "again", afterMs: (error.problem.retry_after ?? 0) * 1000 };
  }
  if (!(error instanceof Unreachable)) globalThis.reportError?.(error);
  return { kind: "again", afterMs: 0 };
}
