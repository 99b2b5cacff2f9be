// Language, and how times and plurals are written in it.
import type { TextKey } from "./en";

export type { TextKey };
export type Locale = "en" | "ko";
export const LOCALES: Record<Locale, string> = { en: "English", ko: "한국어" };

type Fill = Record<string, string | number>;

/** The stems of keys that exist as `_one` and `_other`. */
type PluralStem<Key extends string> = { [K in Key]: K extends `${infer Stem}_other` ? Stem : never }[Key];

/** What a part of the page says in every language, loaded with it. */
export type Words<Key extends string> = Record<Locale, Record<Key, string>>;

/** Nobody loads the words of a language they do not speak. */
const TEXTS: Record<Locale, () => Promise<Record<TextKey, string>>> = {
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

/** `Key`: what it has words for; those of the whole page, as a rule. */
export class Language<Key extends string = TextKey> {
  private readonly extended = new WeakMap<object, Language<string>>();
  private readonly plural = once(() => new Intl.PluralRules(this.locale));
  private readonly clockFormat = once(() => this.dates({ hour: "numeric", minute: "2-digit" }));
  private readonly dayFormat = once(() => this.dates({ month: "long", day: "numeric", weekday: "long" }));
  private readonly dayOfYearFormat = once(() => this.dates({ year: "numeric", month: "long", day: "numeric" }));
  private readonly shortDayFormat = once(() => this.dates({ month: "short", day: "numeric" }));
  private readonly fullFormat = once(() => this.dates({ dateStyle: "long", timeStyle: "short" }));
  private readonly listFormat = once(() => new Intl.ListFormat(this.tag, { type: "conjunction", style: "short" }));
  private readonly numberFormat = once(() => new Intl.NumberFormat(this.tag));

  constructor(
    readonly locale: Locale,
    private readonly texts: Record<Key, string>,
  ) {}

  /** Makes what a list and a conversation will want: their first drawing need not wait for it. */
  prepare(): void {
    for (const format of [this.clockFormat, this.shortDayFormat, this.dayFormat]) format();
  }

  /** The same language with the words of a part of the page, too. */
  with<More extends string>(words: Words<More>): Language<Key | More> {
    let known = this.extended.get(words);
    if (!known) {
      const texts = { ...this.texts, ...words[this.locale] };
      known = Object.create(this, { texts: { value: texts }, extended: { value: new WeakMap() } }) as Language<string>;
      this.extended.set(words, known);
    }
    return known;
  }

  text(key: Key, fill: Fill = {}): string {
    return this.texts[key].replace(/\{(\w+)\}/g, (_, name: string) => this.filled(fill[name]));
  }

  /** A text whose form depends on `count`. */
  counted(stem: PluralStem<Key>, count: number, fill: Fill = {}): string {
    const form = this.plural().select(count) === "one" ? "one" : "other";
    return this.text(`${stem}_${form}` as Key, { ...fill, count });
  }

  clock(at: number): string {
    return this.clockFormat().format(at);
  }

  /** The day, for the divider between days; with the year when it is not this one. */
  day(at: number, now: number): string {
    const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
    return (sameYear ? this.dayFormat() : this.dayOfYearFormat()).format(at);
  }

  /** For the list: the time today, the day otherwise. */
  brief(at: number, now: number): string {
    return sameDay(at, now) ? this.clock(at) : this.shortDayFormat().format(at);
  }

  full(at: number): string {
    return this.fullFormat().format(at);
  }

  names(names: string[]): string {
    return this.listFormat().format(names);
  }

  private dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(this.tag, options);
  }

  /** English: the device's own habit of writing dates. */
  private get tag(): string {
    return this.locale === "ko" ? "ko-KR" : (navigatorEnglish() ?? "en");
  }

  private filled(value: string | number | undefined): string {
    return typeof value === "number" ? this.numberFormat().format(value) : (value ?? "");
  }
}

/** Made when it is first wanted: each format takes milliseconds, and few are on the first screen. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

function navigatorEnglish(): string | undefined {
  const tags = typeof navigator === "undefined" ? [] : navigator.languages;
  return tags.find((tag) => tag.toLowerCase().startsWith("en"));
}
