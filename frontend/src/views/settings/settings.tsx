// What a person may choose, a page for each subject; beside the list of pages where there is room.
import type { ComponentType } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { SETTINGS_PAGES, type SettingsPage } from "../../state/route";
import { useHome, useLanguage } from "../context";
import { LATER } from "../later-words";
import { BackIcon } from "../icons";
import { linkTo } from "../link";
import { PaneHeader } from "../pane-header";
import { ONE_PANE, useNarrowerThan } from "../width";
import { AboutPage } from "./about";
import { ConnectionPage } from "./connection";
import { DevicesPage } from "./devices";
import { InvitesPage } from "./invites";
import { LookPage } from "./look";
import { NotificationsPage } from "./notifications";
import { ProfilePage } from "./profile";

const PAGES: Record<SettingsPage, ComponentType> = {
  profile: ProfilePage,
  look: LookPage,
  notifications: NotificationsPage,
  devices: DevicesPage,
  invites: InvitesPage,
  connection: ConnectionPage,
  about: AboutPage,
};

export function Settings({ page }: { page: SettingsPage | undefined }) {
  const language = useLanguage(LATER);
  const alone = useNarrowerThan(ONE_PANE);
  if (alone && !page) {
    return (
      <main class="sheet pane">
        <PaneHeader title={language.text("settings.title")} />
        <Pages shown={null} />
      </main>
    );
  }
  const shown = page ?? SETTINGS_PAGES[0];
  const Page = PAGES[shown];
  return (
    <main class="sheet pane settings">
      {alone ? <PageHeader page={shown} /> : <PaneHeader title={language.text("settings.title")} />}
      <div class="settings-panes">
        {!alone && <Pages shown={shown} />}
        <div class="pane-body" key={shown}>
          <Page />
        </div>
      </div>
    </main>
  );
}

function PageHeader({ page }: { page: SettingsPage }) {
  const home = useHome();
  const language = useLanguage(LATER);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [page]);
  return (
    <header class="pane-header">
      <a class="icon-button back" {...linkTo(home, { screen: "settings" })} aria-label={language.text("settings.back")}>
        <BackIcon />
      </a>
      <h1 ref={heading} tabIndex={-1}>
        {language.text(`settings.page.${page}`)}
      </h1>
    </header>
  );
}

function Pages({ shown }: { shown: SettingsPage | null }) {
  const home = useHome();
  const language = useLanguage(LATER);
  return (
    <nav class="settings-pages" aria-label={language.text("settings.title")}>
      {SETTINGS_PAGES.map((page) => (
        <a
          key={page}
          {...linkTo(home, { screen: "settings", page })}
          aria-current={page === shown ? "page" : undefined}
        >
          {language.text(`settings.page.${page}`)}
        </a>
      ))}
    </nav>
  );
}
