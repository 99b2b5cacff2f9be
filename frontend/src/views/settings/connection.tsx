// How messages travel just now, and the doctor who finds out why not better.
import { useChat, useLanguage } from "../context";
import { LATER } from "../later-words";
import { mannerOf } from "../connection-line";
import { ConnectionDoctor } from "./doctor";
import { Section } from "./section";

export function ConnectionPage() {
  const chat = useChat();
  const language = useLanguage(LATER);
  const manner = mannerOf(chat.calmLink.value);
  return (
    <>
      <Section title="settings.page.connection" asPage>
        <p>
          <strong>{language.text(`connection.${manner}`)}</strong>. {language.text(`connection.${manner}.why`)}
        </p>
      </Section>
      <section>
        <ConnectionDoctor />
      </section>
    </>
  );
}
