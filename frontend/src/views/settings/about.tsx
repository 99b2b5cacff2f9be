// Which Maru this is.
import { useEffect, useState } from "preact/hooks";
import { useHome, useLanguage } from "../context";
import { LATER } from "../later-words";
import { MaruSign } from "../icons";
import { Install } from "../install";
import { Section } from "./section";

export function AboutPage() {
  const { rest } = useHome();
  const language = useLanguage(LATER);
  const [version, setVersion] = useState<string | null>(null);
  useEffect(() => void rest.version().then(({ version }) => setVersion(version), () => setVersion("")), []);
  return (
    <>
      <div class="portrait">
        <MaruSign size={56} />
        <h2>Maru</h2>
        <p class="quiet">{language.text("app.tagline")}</p>
        <p class="quiet" role="status">
          {version !== null &&
            (version ? language.text("settings.about.version", { version }) : language.text("problem.unreachable"))}
        </p>
      </div>
      <Section title="install.title">
        <Install />
      </Section>
    </>
  );
}
