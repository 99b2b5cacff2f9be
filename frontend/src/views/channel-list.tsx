// The list of conversations, the way to new ones, and how the connection is.
import { useRef, useState } from "preact/hooks";
import type { ChannelRecord } from "../db/database";
import { unreadOf } from "../sync/apply";
import { ConnectionLine } from "./connection-line";
import { useChat, useHome, useLanguage } from "./context";
import { Empty } from "./empty";
import { Lantern, MaruSign, PeopleIcon, PlusIcon, SearchIcon, SettingsIcon } from "./icons";
import { useLate } from "./app";
import { linkTo } from "./link";
import { titleOf } from "./names";
import { PersonAvatar, PresenceAloud } from "./presence";

export function ChannelList() {
  const home = useHome();
  const language = useLanguage();
  const [query, setQuery] = useState("");
  return (
    <nav class="list-pane" aria-label={language.text("list.title")}>
      <header class="pane-header">
        <MaruSign size={26} />
        <h1>{language.text("list.title")}</h1>
        <a class="icon-button" {...linkTo(home, { screen: "new" })} aria-label={language.text("list.new")}>
          <PlusIcon />
        </a>
      </header>
      <Search query={query} onQuery={setQuery} />
      <Channels query={query} onChosen={() => setQuery("")} />
      <footer class="list-footer">
        <ConnectionLine />
        <a class="icon-button" {...linkTo(home, { screen: "contacts" })} aria-label={language.text("contacts.title")}>
          <PeopleIcon />
        </a>
        <a class="icon-button" {...linkTo(home, { screen: "settings" })} aria-label={language.text("settings.title")}>
          <SettingsIcon />
        </a>
      </footer>
    </nav>
  );
}

interface SearchProps {
  query: string;
  onQuery: (query: string) => void;
}

function Search({ query, onQuery }: SearchProps) {
  const chat = useChat();
  const language = useLanguage();
  if (chat.channels.value.size === 0) return null;
  return (
    <div class="search">
      <SearchIcon size={16} />
      <input
        id="find-conversation"
        type="search"
        value={query}
        aria-label={language.text("list.search")}
        placeholder={language.text("list.search")}
        onInput={(event) => onQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") onQuery("");
          if (event.key === "Enter") event.currentTarget.closest("nav")?.querySelector<HTMLElement>(".channel")?.click();
        }}
      />
    </div>
  );
}

function Channels({ query, onChosen }: { query: string; onChosen: () => void }) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
  const listed = useRef<HTMLUListElement>(null);
  const place = home.route.place.value;
  const openId = place.screen === "channel" ? place.id : null;
  const wanted = query.trim().toLocaleLowerCase();
  const named = (record: ChannelRecord) => titleOf(record, chat, language).toLocaleLowerCase();
  const shown = chat.list.value.filter((record) => named(record).includes(wanted));

  if (chat.channels.value.size === 0) return <NoChannels />;
  if (shown.length === 0) return <p class="quiet no-match">{language.text("list.no_match")}</p>;
  const tabStop = shown.some((record) => record.id === openId) ? openId : shown[0]?.id;
  return (
    <ul class="channels" ref={listed} onKeyDown={(event) => rove(event, listed.current)}>
      {shown.map((record) => (
        <ChannelItem
          key={record.id}
          record={record}
          open={record.id === openId}
          tabStop={record.id === tabStop}
          onChosen={onChosen}
        />
      ))}
    </ul>
  );
}

interface ChannelItemProps {
  record: ChannelRecord;
  open: boolean;
  tabStop: boolean;
  onChosen: () => void;
}

function ChannelItem({ record, open, tabStop, onChosen }: ChannelItemProps) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
  const unread = unreadOf(record);
  const title = titleOf(record, chat, language);
  const link = linkTo(home, { screen: "channel", id: record.id, details: false });
  return (
    <li>
      <a
        {...link}
        class={`channel${unread > 0 ? " unread" : ""}`}
        aria-current={open ? "page" : undefined}
        tabIndex={tabStop ? 0 : -1}
        onClick={(event) => {
          onChosen();
          link.onClick(event);
        }}
      >
        <PersonAvatar id={record.channel.peer?.id} name={title} group={record.channel.kind === "group"} />
        <span class="title">
          <bdi>{title}</bdi>
          <PresenceAloud id={record.channel.peer?.id} />
          {record.channel.kind === "group" && <span class="count">{record.channel.member_count}</span>}
        </span>
        <time class="when">{language.brief(record.channel.head.at, home.now.value)}</time>
        <span class="preview">{previewOf(record)}</span>
        {unread > 0 && (
          <span class="badge">
            <span aria-hidden="true">{unread > 999 ? "999+" : unread}</span>
            <span class="visually-hidden">{language.counted("list.unread", unread)}</span>
          </span>
        )}
      </a>
    </li>
  );
}

function previewOf(record: ChannelRecord): string {
  const chat = useChat();
  const language = useLanguage();
  const { preview } = record;
  if (!preview) return record.channel.head.count === 0 ? language.text("list.quiet") : "";
  const text = preview.deleted ? language.text("list.deleted") : preview.text;
  if (preview.author_id === chat.me.value.id) return language.text("list.you", { text });
  return record.channel.kind === "group" ? `${chat.nameOf(preview.author_id)}: ${text}` : text;
}

function NoChannels() {
  const chat = useChat();
  const language = useLanguage();
  const home = useHome();
  const late = useLate(300);
  if (!chat.complete.value) return late ? <Skeletons /> : <div class="channels" />;
  return (
    <Empty drawing={<Lantern />} text={language.text("list.empty")}>
      <button type="button" class="primary" onClick={() => home.route.go({ screen: "new" })}>
        {language.text("list.new")}
      </button>
    </Empty>
  );
}

export function Skeletons() {
  const language = useLanguage();
  return (
    <div class="skeletons" role="status" aria-label={language.text("common.loading")}>
      <div />
      <div />
      <div />
    </div>
  );
}

/** Arrow keys move within the list; Tab leaves it. */
function rove(event: KeyboardEvent, list: HTMLElement | null): void {
  if (!list || event.altKey) return;
  const items = [...list.querySelectorAll<HTMLElement>(".channel")];
  const at = items.findIndex((item) => item === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined || at < 0) return;
  event.preventDefault();
  items[to]?.focus();
}
