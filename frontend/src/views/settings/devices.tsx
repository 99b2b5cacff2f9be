// Where one is signed in, and signing out.
import { useEffect, useState } from "preact/hooks";
import type { Session } from "../../protocol/types";
import { useChat, useHome, useLanguage } from "../context";
import { LATER } from "../later-words";
import { Confirm } from "../message";
import { wordsForError } from "../problem";
import { Section } from "./section";

export function DevicesPage() {
  return (
    <>
      <Sessions />
      <SignOut />
    </>
  );
}

function Sessions() {
  const { rest } = useHome();
  const language = useLanguage(LATER);
  const [sessions, setSessions] = useState<Session[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const renew = () => rest.sessions().then(setSessions);
  useEffect(() => void renew().catch(setError), []);
  return (
    <Section title="settings.sessions">
      <p class="why" role="alert">
        {error ? wordsForError(language, error) : null}
      </p>
      <ul class="sessions">
        {sessions?.map((session) => (
          <li key={session.id}>
            <span class="who">
              <span class="name">{session.device || language.text("settings.sessions.unknown")}</span>
              <span class="quiet">
                {session.current
                  ? language.text("settings.sessions.this")
                  : language.text("settings.sessions.seen", { when: language.full(session.last_seen_at) })}
                {session.ip && ` · ${session.ip}`}
              </span>
            </span>
            {!session.current && (
              <button
                type="button"
                class="secondary"
                onClick={() => void rest.endSession(session.id).then(renew).catch(setError)}
              >
                {language.text("settings.sessions.end")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function SignOut() {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const unsent = chat.outbox.value.size;
  if (!asked) {
    return (
      <button type="button" class="quiet-danger" onClick={() => setAsked(true)}>
        {language.text("settings.signout")}
      </button>
    );
  }
  const text =
    unsent > 0
      ? language.text("settings.signout.unsent", { count: unsent })
      : language.text("settings.signout.confirm");
  return (
    <>
      <Confirm
        text={text}
        yes={language.text("settings.signout")}
        onYes={() => void home.signOut().catch(setError)}
        onNo={() => setAsked(false)}
      />
      <p class="why" role="alert">
        {error ? wordsForError(language, error) : null}
      </p>
    </>
  );
}
