// What a person may choose: name, language, appearance; where they are signed in; invitations; signing out.
import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { LOCALES, type Locale, type TextKey } from "../platform/locale";
import type { Session, Visibility } from "../protocol/types";
import { THEMES } from "../state/home";
import { useChat, useHome, useLanguage } from "./context";
import { Confirm } from "./message";
import { PaneHeader } from "./pane-header";
import { wordsForError } from "./problem";

const VISIBILITIES: readonly Visibility[] = ["everyone", "contacts", "nobody"];

export function Settings() {
  const language = useLanguage();
  return (
    <main class="sheet pane">
      <PaneHeader title={language.text("settings.title")} />
      <div class="pane-body">
        <Profile />
        <Seen />
        <Look />
        <Sessions />
        <Invites />
        <SignOut />
      </div>
    </main>
  );
}

function Section({ title, children }: { title: TextKey; children: ComponentChildren }) {
  const language = useLanguage();
  return (
    <section>
      <h2>{language.text(title)}</h2>
      {children}
    </section>
  );
}

function Profile() {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
  const [outcome, setOutcome] = useState<{ saved: true } | { error: unknown } | null>(null);
  const me = chat.me.value;
  return (
    <Section title="settings.profile">
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
      <p class="quiet">@{me.username}</p>
      <p class={outcome && "error" in outcome ? "why" : "quiet"} role="status">
        {outcome && ("error" in outcome ? wordsForError(language, outcome.error) : language.text("settings.saved"))}
      </p>
    </Section>
  );
}

function Seen() {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
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

function Look() {
  const home = useHome();
  const language = useLanguage();
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
    </>
  );
}

interface ChoiceProps<T extends string> {
  name: string;
  label: string;
  chosen: T;
  options: [T, string][];
  onChoose: (option: T) => void;
}

function Choice<T extends string>({ name, label, chosen, options, onChoose }: ChoiceProps<T>) {
  return (
    <div class="choice" role="radiogroup" aria-label={label}>
      {options.map(([option, text]) => (
        <label key={option}>
          <input type="radio" name={name} checked={option === chosen} onChange={() => onChoose(option)} />
          <span>{text}</span>
        </label>
      ))}
    </div>
  );
}

function Sessions() {
  const { rest } = useHome();
  const language = useLanguage();
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

function Invites() {
  const { rest } = useHome();
  const language = useLanguage();
  const [link, setLink] = useState<string | null>(null);
  const [copied, setCopied] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const make = () => {
    setCopied(false);
    rest.makeInvite().then((invite) => setLink(`${location.origin}/i/${encodeURIComponent(invite.code)}`), setError);
  };
  return (
    <Section title="settings.invites">
      <p class="quiet">{language.text("settings.invites.hint")}</p>
      {link && (
        <div class="field inline">
          <label for="invite-link">{language.text("settings.invites")}</label>
          <input id="invite-link" readOnly value={link} onFocus={(event) => event.currentTarget.select()} />
          <button
            type="button"
            class="secondary"
            onClick={() => void navigator.clipboard?.writeText(link).then(() => setCopied(true))}
          >
            {language.text(copied ? "settings.invites.copied" : "settings.invites.copy")}
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

function SignOut() {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
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
