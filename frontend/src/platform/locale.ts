// Language, and how times and plurals are written in it.
import type { TextKey } from "./en";

export type { TextKey };
export type Locale = "en" | "ko";
export const LOCALES: Record<Locale, string> = { en: "English", ko: "한국어" };

type Fill = Record<string, string | number>;

/** The stems of keys that exist as `_one` and `_other`. */
export type PluralStem = { [K in TextKey]: K extends `${infer Stem}_other` ? Stem : never }[TextKey];

export type Texts = Record<TextKey, string>;

/** Nobody loads the words of a language they do not speak. */
const TEXTS: Record<Locale, () => Promise<Texts>> = {
  en: () => import("./en").then((chunk) => chunk.en),
  ko: () => import("./ko").then((chunk) => chunk.ko),
};

export async function loadLanguage(locale: Locale): Promise<Language> {
  return new Language(locale, await TEXTS[locale]());
}

/** The first of `wanted` that Maru speaks; English otherwise. */
export function chooseLocale(wanted: readonly (string | null | undefined)[]): Locale {
  for (const tag of wanted) {
    const language = tag?.toLowerCase().split("-")[0];
    if (language === "en" || language === "ko") return language;
  }
  return "en";
}

export class Language {
  private readonly plural: Intl.PluralRules;
  private readonly clockFormat: Intl.DateTimeFormat;
  private readonly dayFormat: Intl.DateTimeFormat;
  private readonly dayOfYearFormat: Intl.DateTimeFormat;
  private readonly shortDayFormat: Intl.DateTimeFormat;
  private readonly fullFormat: Intl.DateTimeFormat;
  private readonly listFormat: Intl.ListFormat;
  private readonly numberFormat: Intl.NumberFormat;

  constructor(
    readonly locale: Locale,
    private readonly texts: Texts,
  ) {
    const tag = locale === "ko" ? "ko-KR" : undefined; // English: the device's own habit of writing dates
    const dates = tag ?? (navigatorEnglish() || "en");
    this.plural = new Intl.PluralRules(locale);
    this.clockFormat = new Intl.DateTimeFormat(dates, { hour: "numeric", minute: "2-digit" });
    this.dayFormat = new Intl.DateTimeFormat(dates, { month: "long", day: "numeric", weekday: "long" });
    this.dayOfYearFormat = new Intl.DateTimeFormat(dates, { year: "numeric", month: "long", day: "numeric" });
    this.shortDayFormat = new Intl.DateTimeFormat(dates, { month: "short", day: "numeric" });
    this.fullFormat = new Intl.DateTimeFormat(dates, { dateStyle: "long", timeStyle: "short" });
    this.listFormat = new Intl.ListFormat(dates, { type: "conjunction", style: "short" });
    this.numberFormat = new Intl.NumberFormat(dates);
  }

  text(key: TextKey, fill: Fill = {}): string {
    return this.texts[key].replace(/\{(\w+)\}/g, (_, name: string) => this.filled(fill[name]));
  }

  /** A text whose form depends on `count`. */
  counted(stem: PluralStem, count: number, fill: Fill = {}): string {
    const form = this.plural.select(count) === "one" ? "one" : "other";
    return this.text(`${stem}_${form}` as TextKey, { ...fill, count });
  }

  clock(at: number): string {
    return this.clockFormat.format(at);
  }

  /** The day, for the divider between days; with the year when it is not this one. */
  day(at: number, now: number): string {
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    return (sameYear ? this.dayFormat : this.dayOfYearFormat).format(at);
  }

  /** For the list: the time today, the day otherwise. */
  brief(at: number, now: number): string {
    return sameDay(at, now) ? this.clock(at) : this.shortDayFormat.format(at);
  }

  full(at: number): string {
    return this.fullFormat.format(at);
  }

  names(names: string[]): string {
    return this.listFormat.format(names);
  }

  private filled(value: string | number | undefined): string {
    return typeof value === "number" ? this.numberFormat.format(value) : (value ?? "");
  }
}

export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

function navigatorEnglish(): string | undefined {
  const tags = typeof navigator === "undefined" ? [] : navigator.languages;
  return tags.find((tag) => tag.toLowerCase().startsWith("en"));
}
