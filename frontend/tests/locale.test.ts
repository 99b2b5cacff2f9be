import { describe, expect, test } from "vitest";
import { en } from "../src/platform/en";
import { ko } from "../src/platform/ko";
import { chooseLocale, Language } from "../src/platform/locale";

const fills = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe("languages", () => {
  test("every language has every text", () => {
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
    for (const text of [...Object.values(en), ...Object.values(ko)]) expect(text.trim()).not.toBe("");
  });

  test("every translation has the same gaps to fill", () => {
    for (const [key, text] of Object.entries(en)) {
      if (!key.endsWith("_one")) expect(fills(ko[key as keyof typeof ko]), key).toEqual(fills(text));
    }
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
