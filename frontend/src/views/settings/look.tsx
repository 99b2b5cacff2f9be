// How the page looks and speaks.
import { LOCALES, type Locale } from "../../platform/locale";
import { DENSITIES, THEMES } from "../../state/home";
import { useHome, useLanguage } from "../context";
import { LATER } from "../later-words";
import { Choice, Section } from "./section";

export function LookPage() {
  const home = useHome();
  const language = useLanguage(LATER);
  const speak = (locale: Locale) => {
    home.setLocale(locale);
    home.changeMe({ locale }).catch(() => undefined); // holds on this device; the profile follows another time
  };
  return (
    <>
      <Section title="settings.language">
        <Choice
          name="locale"
          label={language.text("settings.language")}
          chosen={language.locale}
          options={Object.entries(LOCALES) as [Locale, string][]}
          onChoose={speak}
        />
      </Section>
      <Section title="settings.theme">
        <Choice
          name="theme"
          label={language.text("settings.theme")}
          chosen={home.theme.value}
          options={THEMES.map((theme) => [theme, language.text(`settings.theme.${theme}`)])}
          onChoose={(theme) => home.setTheme(theme)}
        />
      </Section>
      <Section title="settings.density">
        <Choice
          name="density"
          label={language.text("settings.density")}
          chosen={home.density.value}
          options={DENSITIES.map((density) => [density, language.text(`settings.density.${density}`)])}
          onChoose={(density) => home.setDensity(density)}
        />
      </Section>
    </>
  );
}
