// What an error is called in front of a person.
import type { Language, TextKey } from "../platform/locale";
import { Refused } from "../net/rest";
import type { Problem } from "../protocol/types";

const KEYS: Partial<Record<string, TextKey>> = {
  rate_limited: "problem.rate_limited",
  invalid: "problem.invalid",
  too_many_members: "problem.too_many_members",
  forbidden: "problem.forbidden",
  not_found: "problem.not_found",
  too_big: "problem.too_big",
  unavailable: "problem.unreachable",
  draining: "problem.unreachable",
  not_stored: "problem.not_stored",
};

/** Why a field was refused: the server's own sentence is English, and in English the most exact. */
export function wordsForField(language: Language, field: "username" | "password" | "display_name", why: string): string {
  return language.locale === "en" ? why : language.text(`problem.${field}`);
}

export function wordsForProblem(language: Language, problem: Problem): string {
  if (language.locale === "en" && problem.detail) return problem.detail;
  const key = KEYS[problem.code];
  return key ? language.text(key) : language.text("problem.other", { code: problem.code });
}

export function wordsForError(language: Language, error: unknown): string {
  if (error instanceof Refused) return wordsForProblem(language, error.problem);
  if (error instanceof DOMException) return language.text("app.unkept"); // of the device's store
  return language.text("problem.unreachable");
}
