// Where people come in: sign in, or make an account, with an invitation if they have one.
import { useEffect, useState } from "preact/hooks";
import type { TargetedEvent } from "preact";
import { Refused } from "../net/rest";
import { LOCALES, type Language, type Locale, type TextKey } from "../platform/locale";
import type { Invite } from "../protocol/types";
import type { Home } from "../state/home";
import { useHome, useLanguage } from "./context";
import { ENTRANCE, type EntranceKey } from "./entrance-words";
import { MaruSign } from "./icons";
import { wordsForError, wordsForField } from "./problem";

export function Entrance() {
  const home = useHome();
  const language = useLanguage(ENTRANCE);
  const place = home.route.place.value;
  const code = place.screen === "invite" ? place.code : null;
  const [creating, setCreating] = useState(code !== null || home.ownerless.value);
  const invite = useInvite(code);

  return (
    <div class="entrance">
      <main class="entrance-card">
        <header>
          <MaruSign size={44} />
          <h1>{language.text(creating ? "auth.signup.title" : "auth.signin.title")}</h1>
          <p class="quiet">{greeting(language, home, code, invite)}</p>
        </header>
        {creating ? <SignUp invite={code} /> : <SignIn />}
        {!home.ownerless.value && (
          <button type="button" class="link" onClick={() => setCreating(!creating)}>
            {language.text(creating ? "auth.to_signin" : "auth.to_signup")}
          </button>
        )}
      </main>
      <footer>
        <LocaleChoice />
      </footer>
    </div>
  );
}

type Spoken = Language<TextKey | EntranceKey>;
type InviteState = Invite | "unknown" | null;

function useInvite(code: string | null): InviteState {
  const { rest } = useHome();
  const [invite, setInvite] = useState<InviteState>(null);
  useEffect(() => {
    if (!code) return;
    rest.invite(code).then(setInvite, (error: unknown) => {
      if (error instanceof Refused && error.problem.status === 404) setInvite("unknown");
    });
  }, [code]);
  return invite;
}

function greeting(language: Spoken, home: Home, code: string | null, invite: InviteState): string {
  if (home.ownerless.value) return language.text("auth.first");
  if (home.ended.value) return language.text("auth.ended");
  if (invite === "unknown" || invite?.valid === false) return language.text("auth.invite_unknown");
  if (invite) return language.text("auth.invited_by", { name: invite.invited_by.display_name });
  return language.text(code ? "auth.invited" : "app.tagline");
}

function SignIn() {
  const home = useHome();
  const language = useLanguage(ENTRANCE);
  const form = useForm(async (fields) => {
    await home.signIn({ username: fields("username"), password: fields("password") });
  });
  return (
    <form onSubmit={form.submit} aria-busy={form.busy}>
      <Field name="username" autocomplete="username" form={form} />
      <Field name="password" type="password" autocomplete="current-password" form={form} />
      <Outcome form={form} />
      <button class="primary" disabled={form.busy}>
        {language.text(form.busy ? "auth.working" : "auth.signin")}
      </button>
    </form>
  );
}

function SignUp({ invite }: { invite: string | null }) {
  const home = useHome();
  const language = useLanguage(ENTRANCE);
  const form = useForm(async (fields) => {
    const signedUp = home.signUp({
      username: fields("username"),
      password: fields("password"),
      display_name: fields("display_name"),
      ...(invite ? { invite } : {}),
    });
    await signedUp.catch((error: unknown) => {
      // Somebody else was the first meanwhile.
      if (error instanceof Refused && error.problem.code === "forbidden") home.ownerless.value = false;
      throw error;
    });
  });
  return (
    <form onSubmit={form.submit} aria-busy={form.busy}>
      <Field name="display_name" autocomplete="name" form={form} hint="auth.display_name.hint" />
      <Field name="username" autocomplete="username" form={form} hint="auth.username.hint" />
      <Field name="password" type="password" autocomplete="new-password" form={form} hint="auth.password.hint" />
      <Outcome form={form} />
      <button class="primary" disabled={form.busy}>
        {language.text(form.busy ? "auth.working" : "auth.signup")}
      </button>
    </form>
  );
}

interface Form {
  busy: boolean;
  error: unknown;
  submit: (event: TargetedEvent<HTMLFormElement>) => void;
  fail: (error: unknown) => void;
}

function useForm(act: (fields: (name: string) => string) => Promise<void>): Form {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const fail = (reason: unknown) => {
    setError(reason);
    setBusy(false);
  };
  const submit = (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    const field = (name: string) => {
      const value = data.get(name);
      return typeof value === "string" ? value : "";
    };
    act(field).catch(fail);
  };
  return { busy, error, submit, fail };
}

interface FieldProps {
  name: "username" | "password" | "display_name";
  type?: "text" | "password";
  autocomplete: string;
  hint?: "auth.display_name.hint" | "auth.username.hint" | "auth.password.hint";
  form: Form;
}

function Field({ name, type = "text", autocomplete, hint, form }: FieldProps) {
  const language = useLanguage(ENTRANCE);
  const why = form.error instanceof Refused ? form.error.problem.fields?.[name] : undefined;
  const described = [hint ? `${name}-hint` : "", why ? `${name}-why` : ""].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={name}>{language.text(`auth.${name}`)}</label>
      <input
        id={name}
        name={name}
        {...(type === "password" ? ({ type: "password" } as const) : ({ type: "text" } as const))}
        autocomplete={autocomplete}
        autocapitalize="none"
        spellcheck={false}
        required
        aria-invalid={why ? true : undefined}
        aria-describedby={described || undefined}
      />
      {why ? (
        <p class="why" id={`${name}-why`}>
          {wordsForField(language, name, why)}
        </p>
      ) : (
        hint && (
          <p class="hint" id={`${name}-hint`}>
            {language.text(hint)}
          </p>
        )
      )}
    </div>
  );
}

function Outcome({ form }: { form: Form }) {
  const language = useLanguage(ENTRANCE);
  return (
    <p class="why" role="alert">
      {form.error ? wordsAtTheDoor(language, form.error) : null}
    </p>
  );
}

/** At the door some codes mean something more particular. */
function wordsAtTheDoor(language: Spoken, error: unknown): string {
  if (!(error instanceof Refused)) return wordsForError(language, error);
  switch (error.problem.code) {
    case "invalid":
      return language.text("problem.invalid"); // why stands beside its field
    case "unauthenticated":
      return language.text("problem.wrong_credentials");
    case "forbidden":
      return language.text("problem.signup_closed");
    case "conflict":
      return language.text("problem.name_taken");
    default:
      return wordsForError(language, error);
  }
}

function LocaleChoice() {
  const home = useHome();
  const language = useLanguage(ENTRANCE);
  return (
    <div class="locale-choice" role="group" aria-label={language.text("settings.language")}>
      {Object.entries(LOCALES).map(([locale, name]) => (
        <button
          type="button"
          class="link"
          lang={locale}
          aria-pressed={language.locale === locale}
          onClick={() => home.setLocale(locale as Locale)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
