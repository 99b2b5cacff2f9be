// Links that let others in.
import { useState } from "preact/hooks";
import { useHome, useLanguage } from "../context";
import { LATER } from "../later-words";
import { useCopy } from "../notice";
import { wordsForError } from "../problem";
import { Section } from "./section";

export function InvitesPage() {
  const { rest } = useHome();
  const language = useLanguage(LATER);
  const copy = useCopy();
  const [link, setLink] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const make = () => {
    setError(null);
    rest.makeInvite().then((invite) => setLink(`${location.origin}/i/${encodeURIComponent(invite.code)}`), setError);
  };
  return (
    <Section title="settings.invites" asPage>
      <p class="quiet">{language.text("settings.invites.hint")}</p>
      {link && (
        <div class="field inline">
          <label for="invite-link">{language.text("settings.invites.link")}</label>
          <input id="invite-link" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
          <button
            type="button"
            class="secondary"
            onClick={() => copy(link)}
          >
            {language.text("settings.invites.copy")}
          </button>
        </div>
      )}
      <button type="button" class="secondary" onClick={make}>
        {language.text("settings.invites.make")}
      </button>
      <p class="why" role="alert">
        {error ? wordsForError(language, error) : null}
      </p>
    </Section>
  );
}
