// The list of conversations, the way to new ones, and how the connection is.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ChannelRecord } from "../db/database";
import type { Language } from "../platform/locale";
import type { Chat } from "../state/chat";
import { unreadOf } from "../sync/apply";
import { plainWords } from "../text/plain";
import { ConnectionLine } from "./connection-line";
import { useChat, useHome, useLanguage } from "./context";
import { useDerived } from "./derived";
import { Empty } from "./empty";
import { Lantern, MaruSign, MutedIcon, PeopleIcon, PlusIcon, SearchIcon, SettingsIcon } from "./icons";
import { useLate } from "./app";
import { lazily } from "./lazily";
import { linkTo } from "./link";
import { placeOfRequest, type MenuPlace } from "./menu-place";
import { useMuted } from "./muted";
import { titleOf } from "./names";
import { PersonAvatar, PresenceAloud } from "./presence";

const ChannelMenu = lazily(() => import("./channel-menu").then((views) => views.ChannelMenu));

export function ChannelList() {
  const home = useHome();
  const language = useLanguage();
  return (
    <nav class="list-pane" aria-label={language.text("list.title")}>
      <header class="pane-header">
        <MaruSign size={26} />
        <h1>{language.text("list.title")}</h1>
        <a class="icon-button" {...linkTo(home, { screen: "new" })} aria-label={language.text("list.new")}>
          <PlusIcon />
        </a>
      </header>
      <FindButton />
      <Channels />
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

/** Looks like the field it opens. */
function FindButton() {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
  if (chat.channels.value.size === 0) return null;
  return (
    <button type="button" class="search find" aria-haspopup="dialog" onClick={() => (home.switching.value = true)}>
      <SearchIcon size={16} />
      <span>{language.text("list.search")}</span>
      <kbd aria-hidden="true">{isApple ? "⌘K" : "Ctrl K"}</kbd>
    </button>
  );
}

const IN_SIGHT = 20; // on a tall screen

const isApple = /Mac|iP/.test(navigator.platform);

function Channels() {
  const home = useHome();
  const chat = useChat();
  const listed = useRef<HTMLUListElement>(null);
  const [menu, setMenu] = useState<{ record: ChannelRecord; at: MenuPlace } | null>(null);
  const place = home.route.place.value;
  const openId = place.screen === "channel" ? place.id : null;
  const list = chat.list.value;
  if (list.length === 0) return <NoChannels />;
  const drawn = useFirstFirst(list);
  const tabStop = list.some((record) => record.id === openId) ? openId : list[0]?.id;
  return (
    <div class="channels">
      <ul ref={listed} onKeyDown={(event) => rove(event, listed.current)}>
        {drawn.map((record) => (
          <ChannelItem
            key={record.id}
            record={record}
            open={record.id === openId}
            tabStop={record.id === tabStop}
            onMenu={(at) => setMenu({ record, at })}
          />
        ))}
      </ul>
      {menu && <ChannelMenu key={menu.record.id} {...menu} onClose={() => setMenu(null)} />}
    </div>
  );
}

/** Those in sight in the first frame, the others in the next: who has hundreds does not wait for them. */
function useFirstFirst<T>(list: readonly T[]): readonly T[] {
  const [first, setFirst] = useState(true);
  useEffect(() => setFirst(false), []);
  return first ? list.slice(0, IN_SIGHT) : list;
}

interface ChannelItemProps {
  record: ChannelRecord;
  open: boolean;
  tabStop: boolean;
  onMenu: (at: MenuPlace) => void;
}

function ChannelItem({ record, open, tabStop, onMenu }: ChannelItemProps) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
  const unread = unreadOf(record);
  const mentions = record.channel.mentions ?? 0;
  const muted = useMuted(record);
  const title = titleOf(record, chat, language);
  const link = linkTo(home, { screen: "channel", id: record.id, details: false });
  return (
    <li>
      <a
        {...link}
        class={["channel", unread > 0 && "unread", muted && "muted"].filter(Boolean).join(" ")}
        aria-current={open ? "page" : undefined}
        tabIndex={tabStop ? 0 : -1}
        aria-haspopup="menu"
        onContextMenu={(event) => {
          event.preventDefault(); // a long press asks for it too
          onMenu(placeOfRequest(event));
        }}
      >
        <PersonAvatar id={record.channel.peer?.id} name={title} group={record.channel.kind === "group"} />
        <span class="title">
          <bdi>{title}</bdi>
          <PresenceAloud id={record.channel.peer?.id} />
          {record.channel.kind === "group" && <span class="count">{record.channel.member_count}</span>}
          {muted && (
            <span class="muted-mark">
              <MutedIcon size={14} />
              <span class="visually-hidden">{language.text("mute.muted")}</span>
            </span>
          )}
        </span>
        <time class="when">{language.brief(record.channel.head.at, home.now.value)}</time>
        <LastWords record={record} open={open} />
        {unread > 0 && (
          <span class="badge">
            {mentions > 0 && <span aria-hidden="true">@ </span>}
            <span aria-hidden="true">{unread > 999 ? "999+" : unread}</span>
            <span class="visually-hidden">{language.counted("list.unread", unread)}</span>
            {mentions > 0 && (
              <span class="visually-hidden">, {language.counted("list.mentions", mentions)}</span>
            )}
          </span>
        )}
      </a>
    </li>
  );
}

/** Who writes there just now; else what one has begun to write, unless there is news; else what was said last. */
function LastWords({ record, open }: { record: ChannelRecord; open: boolean }) {
  const chat = useChat();
  const language = useLanguage();
  const writing = useDerived(
    () => !open && chat.typists.in(record.id).map((id) => chat.nameOf(id)).filter(Boolean).slice(0, 3),
    [chat, record.id, open],
  );
  const draftable = !open && unreadOf(record) === 0;
  const draft = useDerived(() => draftable && chat.drafted.value.get(record.id), [chat, record.id, draftable]);
  if (writing && writing.length > 0) {
    const names = language.names(writing);
    return <span class="preview writing">{language.counted("channel.typing", writing.length, { names })}</span>;
  }
  return (
    <span class="preview">
      {draft && <span class="draft">{language.text("list.draft")} </span>}
      {draft ? plainWords(draft) : previewOf(record, chat, language)}
    </span>
  );
}

function previewOf({ preview, channel }: ChannelRecord, chat: Chat, language: Language): string {
  if (!preview) return channel.head.count === 0 ? language.text("list.quiet") : "";
  const text = preview.deleted ? language.text("list.deleted") : plainWords(preview.text);
  if (preview.author_id === chat.me.value.id) return language.text("list.you", { text });
  return channel.kind === "group" ? `${chat.nameOf(preview.author_id)}: ${text}` : text;
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
