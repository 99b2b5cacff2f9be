// The whole page: who is signed in, in which language, how it looks, and which screen is open.
import { effect, signal } from "@preact/signals";
import { chooseLocale, loadLanguage, type Language, type Locale } from "../platform/locale";
import { showBadge } from "../platform/device";
import { readSetting, writeSetting } from "../platform/settings";
import { forgetShared } from "../platform/shared";
import { alone } from "../platform/tabs";
import { systemClock, type Clock } from "../platform/clock";
import { backoffMs } from "../net/patience";
import { Refused, Rest } from "../net/rest";
import type { ServerList, User, Visibility } from "../protocol/types";
import { isLive } from "./calm";
import type { Chat } from "./chat";
import { Installation } from "./installation";
import { placeOf, Route } from "./route";

export type Theme = "system" | "light" | "dark";
export const THEMES: readonly Theme[] = ["system", "light", "dark"];
export type Density = "cosy" | "compact";
export const DENSITIES: readonly Density[] = ["cosy", "compact"];

const FIRST_SCREEN_MS = 500; // it is drawn by then, as a rule, and has the line to itself until then

export class Home {
  readonly rest = new Rest();
  readonly route = new Route();
  readonly installation = new Installation({
    onOpen: (path) => {
      const { pathname, search, hash } = new URL(path, location.origin);
      this.route.go(placeOf(pathname, search, hash));
    },
    onFlush: () => this.chat.value?.wake(),
  });
  readonly chat = signal<Chat | null>(null);
  /**
   * `unkept`: the browser refuses to keep anything, so that nothing could be promised. `unloaded`: the part of the page
   * that somebody signed in needs is not to be had.
   */
  readonly phase = signal<"starting" | "out" | "in" | "unkept" | "unloaded">("starting");
  /** The session ended without the person's doing. */
  readonly ended = signal(false);
  /** Nobody has an account here yet: the first one will be the owner's. */
  readonly ownerless = signal(false);
  /** The switcher is open. */
  readonly switching = signal(false);
  /** The list of keys is open. */
  readonly listingKeys = signal(false);
  /** What became of what the person just did, for a moment. */
  readonly notice = signal<string | null>(null);
  readonly theme = signal<Theme>(chosenTheme());
  readonly density = signal<Density>(chosenDensity());
  private readonly locale = signal<Locale>(chooseLocale([readSetting("locale"), ...navigator.languages]));
  /** Null until its words are here: nothing is drawn before. */
  readonly language = signal<Language | null>(null);
  /** Grows when the page comes to the front or a minute passes: what depends on the time of day is drawn again. */
  readonly now = signal(Date.now());

  constructor(
    private readonly loadChat: () => Promise<typeof Chat>,
    private readonly clock: Clock = systemClock,
  ) {
    effect(() => void this.speak(this.locale.value).catch(reportError));
  }

  async start(): Promise<void> {
    this.reflectOnDocument();
    this.installation.start();
    void this.clock.sleep(FIRST_SCREEN_MS).then(() => this.installation.startWorker());
    effect(() => {
      if (this.chat.value && isLive(this.chat.value.link.value)) this.installation.serverIsBack();
    });
    setInterval(() => (this.now.value = this.clock.now()), 60_000);
    // Another tab signed somebody else in or out: this page belongs to the wrong person now.
    addEventListener("storage", (event) => {
      if (event.key === "maru.me" && personIn(event.newValue) !== personIn(event.oldValue)) location.reload();
      this.followOtherTab();
    });
    const remembered = rememberedPerson();
    if (isLeaving()) return this.finishLeaving();
    try {
      if (remembered) await this.enter(remembered);
      await this.confirm(remembered);
    } catch (error) {
      if (error instanceof NotLoaded) return void (this.phase.value = "unloaded");
      this.phase.value = "unkept";
      reportError(error);
    }
  }

  /** Somebody signed in or up just now. */
  async welcome(user: User, list: ServerList | null = null): Promise<void> {
    this.ended.value = this.ownerless.value = false;
    if (this.chat.value && this.chat.value.me.value.id !== user.id) this.leave();
    if (!this.chat.value) await this.enter(user);
    this.remember(user);
    this.chat.value?.connect(list);
    if (this.route.place.value.screen === "invite") this.route.replace({ screen: "list" });
  }

  async signIn(form: { username: string; password: string }): Promise<void> {
    await this.endSession();
    const { user, ...list } = await this.rest.signIn(form);
    await this.welcome(user, list);
  }

  async signUp(form: Parameters<Rest["signUp"]>[0]): Promise<void> {
    await this.endSession();
    await this.welcome(await this.rest.signUp(form));
  }

  /** The device forgets the person at once, without a server too; the session is ended as soon as one can be asked. */
  async signOut(): Promise<void> {
    const chat = this.chat.value;
    writeSetting("leaving", "1"); // before the other tabs start over
    writeSetting("me", null);
    this.leave();
    this.phase.value = "out";
    this.route.replace({ screen: "list" });
    await Promise.all([chat?.forget(), forgetShared(), this.finishLeaving()]);
  }

  /** Save what is being written, and show the newer build. */
  async reload(): Promise<void> {
    await this.chat.value?.drafts.flush();
    location.reload();
  }

  private async speak(locale: Locale): Promise<void> {
    const language = await loadLanguage(locale);
    if (this.locale.value === locale) this.language.value = language;
  }

  setLocale(locale: Locale): void {
    this.locale.value = locale;
    writeSetting("locale", locale);
  }

  setTheme(theme: Theme): void {
    this.theme.value = theme;
    writeSetting("theme", theme === "system" ? null : theme);
  }

  setDensity(density: Density): void {
    this.density.value = density;
    writeSetting("density", density === "cosy" ? null : density);
  }

  async changeMe(change: { display_name?: string; locale?: Locale; presence?: Visibility }): Promise<void> {
    this.remember(await this.rest.changeMe(change));
  }

  /** What was chosen in another tab holds in this one too. */
  private followOtherTab(): void {
    this.theme.value = chosenTheme();
    this.density.value = chosenDensity();
    const locale = readSetting("locale");
    if (locale) this.locale.value = chooseLocale([locale]);
  }

  // --- coming in and going out

  /** Show what this device keeps of the person. */
  private async enter(me: User): Promise<void> {
    const Chat = await this.loadChat().catch((cause: unknown) => {
      throw new NotLoaded("the chat", { cause });
    });
    const opening = Chat.of({
      rest: this.rest,
      clock: this.clock,
      me,
      onSignedOut: () => this.sessionEnded(),
      onOutdated: () => void this.reload(), // another tab brings a newer build's database: this one starts over with it
    });
    this.language.value?.prepare(); // while the device's memory is opened
    const chat = await opening;
    const place = this.route.place.value;
    await chat.load(place.screen === "channel" ? place.id : null, this.route.arrival.value.spot);
    this.chat.value = chat;
    this.phase.value = "in";
  }

  /** Ask the server who is signed in, until it answers; only then connect. */
  private async confirm(remembered: User | null): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const list = remembered ? this.rest.servers().catch(() => null) : null; // beside it: one round trip for both
        const user = await this.rest.me();
        return await this.welcome(user, await list);
      } catch (error) {
        if (error instanceof Refused && error.problem.status === 401) {
          this.ownerless.value = error.problem.ownerless === true;
          return remembered ? this.sessionEnded() : void (this.phase.value = "out");
        }
        if (!remembered) return void (this.phase.value = "out");
        this.chat.value?.unreachable();
      }
      await this.clock.sleep(backoffMs(attempt, () => this.clock.random()) + 300, untilOnline());
    }
  }

  /** Until the server has ended the session that the person left. Nobody is signed in by it any more. */
  private async finishLeaving(): Promise<void> {
    this.phase.value = "out";
    for (let attempt = 0; isLeaving(); attempt++) {
      try {
        await this.endSession();
      } catch {
        await this.clock.sleep(backoffMs(attempt, () => this.clock.random()) + 300, untilOnline());
      }
    }
  }

  /** Once among all tabs: a second call could meet the next person's session. Throws Unreachable or Refused. */
  private endSession(): Promise<void> {
    return alone("maru-leaving", async () => {
      if (!isLeaving()) return;
      await this.rest.signOut().catch((error: unknown) => {
        if (!(error instanceof Refused) || error.again) throw error; // otherwise it is over already
      });
      writeSetting("leaving", null);
    });
  }

  private sessionEnded(): void {
    if (this.phase.value !== "in") return;
    this.leave(); // what was written stays in the device's outbox, for the same person's next sign-in
    this.ended.value = true;
    this.phase.value = "out";
  }

  private leave(): void {
    this.chat.value?.close();
    this.chat.value = null;
  }

  private remember(user: User): void {
    writeSetting("me", JSON.stringify(user));
    this.chat.value?.setMe(user);
    const locale = chooseLocale([user.locale, readSetting("locale"), ...navigator.languages]);
    this.locale.value = locale;
  }

  private reflectOnDocument(): void {
    effect(() => {
      document.documentElement.lang = this.locale.value;
    });
    effect(() => {
      document.documentElement.dataset["theme"] = this.theme.value;
    });
    effect(() => {
      document.documentElement.dataset["density"] = this.density.value;
    });
    effect(() => {
      const unread = this.chat.value?.unread.value ?? 0;
      document.title = unread > 0 ? `(${unread}) Maru` : "Maru";
    });
    effect(() => showBadge(this.chat.value?.calling.value.length ?? 0));
  }
}

/** A part of the page could not be loaded: no connection, or a newer build has taken its place. */
class NotLoaded extends Error {}

function rememberedPerson(): User | null {
  const stored = readSetting("me");
  if (!stored) return null;
  try {
    return JSON.parse(stored) as User; // written by `remember`, nobody else
  } catch {
    return null;
  }
}

/** Somebody signed out here, and the server does not know it yet. */
const isLeaving = () => readSetting("leaving") !== null;

const personIn = (stored: string | null) => (stored ? (JSON.parse(stored) as User).id : null);

function chosenTheme(): Theme {
  const stored = readSetting("theme");
  return THEMES.find((theme) => theme === stored) ?? "system";
}

function chosenDensity(): Density {
  return readSetting("density") === "compact" ? "compact" : "cosy";
}

/** Aborts when the browser says the network is back, or somebody comes back to the page. */
function untilOnline(): AbortSignal {
  const back = new AbortController();
  const once = { once: true, signal: back.signal };
  addEventListener("online", () => back.abort(), once);
  document.addEventListener("visibilitychange", () => back.abort(), once);
  return back.signal;
}
