import { describe, expect, test } from "vitest";
import { en } from "../src/platform/en";
import { ko } from "../src/platform/ko";
import { chooseLocale, Language } from "../src/platform/locale";
import { WORDS } from "../src/views/composer/words";
import { ENTRANCE } from "../src/views/entrance-words";
import { LATER } from "../src/views/later-words";
import { DOCTOR } from "../src/views/settings/doctor-words";

const fills = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe("languages", () => {
  const parts: Record<string, Record<"en" | "ko", Record<string, string>>> = {
    page: { en, ko }, entrance: ENTRANCE, later: LATER, composer: WORDS, doctor: DOCTOR,
  };

  test.each(Object.entries(parts))("every language has every text of the %s", (_, { en, ko }) => {
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
    for (const text of [...Object.values(en), ...Object.values(ko)]) expect(text.trim()).not.toBe("");
  });

  test.each(Object.entries(parts))("every translation of the %s has the same gaps to fill", (_, { en, ko }) => {
    for (const [key, text] of Object.entries(en)) {
      if (!key.endsWith("_one")) expect(fills(ko[key]!), key).toEqual(fills(text));
    }
  });

  test("a part of the page brings words, and says those of the page too", () => {
    const page = new Language("ko", ko);
    const later = page.with(LATER);
    expect(later.text("settings.save")).toBe(LATER.ko["settings.save"]);
    expect(later.counted("list.unread", 2)).toBe(page.counted("list.unread", 2));
    expect(page.with(LATER)).toBe(later);
    expect(page.with(ENTRANCE).text("auth.signin")).toBe(ENTRANCE.ko["auth.signin"]);
  });

  test("the first language that Maru speaks is chosen", () => {
    expect(chooseLocale([null, "fr-FR", "ko-KR", "en"])).toBe("ko");
    expect(chooseLocale(["fr"])).toBe("en");
  });

  test("numbers choose the plural and are filled in", () => {
    const language = new Language("en", en);
    expect(language.counted("list.unread", 1)).toBe("1 unread message");
    expect(language.counted("list.unread", 1200)).toBe("1,200 unread messages");
    expect(new Language("ko", ko).counted("list.unread", 1)).toBe("안 읽은 메시지 1개");
  });

  test("today has a time, other days a date", () => {
    const noon = new Date(2026, 4, 5, 12, 30).getTime();
    const language = new Language("ko", ko);
    expect(language.brief(noon, noon)).toContain("12:30");
    expect(language.brief(noon, noon + 86_400_000)).toContain("5월 5일");
    expect(language.day(noon, noon)).toContain("화요일");
    expect(language.day(noon, noon + 365 * 86_400_000)).toContain("2026");
  });
});
