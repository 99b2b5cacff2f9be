// Who one is here, and who sees when one is active.
import { useState } from "preact/hooks";
import type { Visibility } from "../../protocol/types";
import { Avatar } from "../avatar";
import { useChat, useHome, useLanguage } from "../context";
import { LATER } from "../later-words";
import { wordsForError } from "../problem";
import { Choice, Section } from "./section";

const VISIBILITIES: readonly Visibility[] = ["everyone", "contacts", "nobody"];

export function ProfilePage() {
  return (
    <>
      <Profile />
      <Seen />
    </>
  );
}

function Profile() {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const [outcome, setOutcome] = useState<{ saved: true } | { error: unknown } | null>(null);
  const me = chat.me.value;
  return (
    <Section title="settings.profile" asPage>
      <div class="portrait">
        <Avatar name={me.display_name} size="large" />
        <p class="quiet">@{me.username}</p>
      </div>
      <form
        class="field inline"
        onSubmit={(event) => {
          event.preventDefault();
          const name = new FormData(event.currentTarget).get("display_name");
          if (typeof name !== "string" || !name.trim()) return;
          home.changeMe({ display_name: name.trim() }).then(
            () => setOutcome({ saved: true }),
            (error: unknown) => setOutcome({ error }),
          );
        }}
      >
        <label for="display_name">{language.text("auth.display_name")}</label>
        <input id="display_name" name="display_name" defaultValue={me.display_name} autocomplete="name" required />
        <button class="secondary">{language.text("settings.save")}</button>
      </form>
      <p class={outcome && "error" in outcome ? "why" : "quiet"} role="status">
        {outcome && ("error" in outcome ? wordsForError(language, outcome.error) : language.text("settings.saved"))}
      </p>
    </Section>
  );
}

function Seen() {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const [error, setError] = useState<unknown>(null);
  const [wanted, setWanted] = useState<Visibility | null>(null);
  const choose = (presence: Visibility) => {
    setError(null);
    setWanted(presence);
    const settled = () => setWanted(null); // shown is what the server said
    home.changeMe({ presence }).catch(setError).finally(settled);
  };
  return (
    <Section title="settings.presence">
      <Choice
        name="presence"
        label={language.text("settings.presence")}
        chosen={wanted ?? chat.me.value.presence ?? "everyone"}
        options={VISIBILITIES.map((one) => [one, language.text(`settings.presence.${one}`)])}
        onChoose={choose}
      />
      <p class="quiet">{language.text("settings.presence.hint")}</p>
      <p class="why" role="alert">
        {error ? wordsForError(language, error) : null}
      </p>
    </Section>
  );
}
