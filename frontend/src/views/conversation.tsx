// The sheet: one conversation with its header, timeline and composer, and its details beside it.
import { useState } from "preact/hooks";
import type { ChannelRecord } from "../db/database";
import type { ChannelId } from "../protocol/types";
import type { Conversation } from "../state/conversation";
import { unreadOf } from "../sync/apply";
import { useLate } from "./app";
import { Composer, type Editing } from "./composer";
import { ConnectionLine, mannerOf } from "./connection-line";
import { useChat, useHome, useLanguage } from "./context";
import { Empty } from "./empty";
import { BackIcon, DetailsIcon, MoreIcon, OpenGate } from "./icons";
import { lazily } from "./lazily";
import { linkTo } from "./link";
import { below, type MenuPlace } from "./menu-place";
import { titleOf } from "./names";
import { PersonAvatar, PresenceWords } from "./presence";
import { Timeline } from "./timeline";
import { Typing } from "./typing";

const Details = lazily(() => import("./details").then((views) => views.Details), <aside class="details" />);
const MoreMenu = lazily(() => import("./channel-menu").then((views) => views.MoreMenu));
const JumpDate = lazily(() => import("./jump-date").then((views) => views.JumpDate));

export function ConversationSheet({ id, details }: { id: ChannelId; details: boolean }) {
  const chat = useChat();
  const conversation = chat.open.value;
  const record = chat.channels.value.get(id);
  if (conversation?.id !== id || !record) return <NoConversation />;
  return (
    <>
      <OpenConversation key={conversation.id} conversation={conversation} record={record} details={details} />
      {details && <Details conversation={conversation} record={record} />}
    </>
  );
}

interface OpenConversationProps {
  conversation: Conversation;
  record: ChannelRecord;
  details: boolean;
}

function OpenConversation({ conversation, record, details }: OpenConversationProps) {
  const language = useLanguage();
  const chat = useChat();
  const [editing, setEditing] = useState<Editing | null>(null);
  const [dateFrom, setDateFrom] = useState<number | null>(null);
  const title = titleOf(record, chat, language);
  return (
    <main class={`sheet conversation${details ? " with-details" : ""}`} aria-label={title}>
      <Header record={record} title={title} details={details} onDate={() => setDateFrom(record.channel.head.at)} />
      <Timeline conversation={conversation} onEdit={setEditing} onDate={setDateFrom} />
      {dateFrom !== null && (
        <JumpDate conversation={conversation} from={dateFrom} onClose={() => setDateFrom(null)} />
      )}
      <Typing channel={conversation.id} />
      {!record.channel.closed && (
        <Composer
          key={editing?.seq ?? "new"}
          conversation={conversation}
          title={title}
          editing={editing}
          onEdit={setEditing}
        />
      )}
    </main>
  );
}

interface HeaderProps {
  record: ChannelRecord;
  title: string;
  details: boolean;
  onDate: () => void;
}

function Header({ record, title, details, onDate }: HeaderProps) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
  const others = chat.list.value.filter((other) => other !== record && unreadOf(other) > 0).length;
  const group = record.channel.kind === "group";
  const back = language.text("channel.back");
  const backLabel = others > 0 ? `${back}, ${language.counted("list.others", others)}` : back;
  return (
    <header class="pane-header">
      <a class="icon-button back" {...linkTo(home, { screen: "list" })}>
        <span class="visually-hidden">{backLabel}</span>
        <BackIcon />
        {others > 0 && (
          <span class="others" aria-hidden="true">
            {others}
          </span>
        )}
      </a>
      <PersonAvatar id={record.channel.peer?.id} name={title} group={group} size="small" />
      <div class="names">
        <h1>
          <bdi>{title}</bdi>
        </h1>
        <div class="under">
          {mannerOf(chat.calmLink.value) !== "live" && mannerOf(chat.calmLink.value) !== "elsewhere" && <ConnectionLine />}
          {group && <p class="quiet">{language.counted("channel.members", record.channel.member_count)}</p>}
          <PresenceWords id={record.channel.peer?.id} />
        </div>
      </div>
      <MoreButton record={record} onDate={onDate} />
      <a
        class="icon-button"
        {...linkTo(home, { screen: "channel", id: record.id, details: !details })}
        aria-label={language.text("channel.details")}
        aria-expanded={details}
      >
        <DetailsIcon />
      </a>
    </header>
  );
}

function MoreButton({ record, onDate }: { record: ChannelRecord; onDate: () => void }) {
  const language = useLanguage();
  const [at, setAt] = useState<MenuPlace | null>(null);
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-label={language.text("channel.more")}
        aria-haspopup="menu"
        aria-expanded={at !== null}
        onPointerEnter={MoreMenu.ahead}
        onClick={(event) => setAt(below(event.currentTarget))}
      >
        <MoreIcon />
      </button>
      {at && <MoreMenu record={record} at={at} onClose={() => setAt(null)} onDate={onDate} />}
    </>
  );
}

/** Not known (yet), or no longer this person's. */
function NoConversation() {
  const chat = useChat();
  const home = useHome();
  const language = useLanguage();
  const late = useLate(1500);
  const gone = chat.open.value?.phase.value === "gone";
  return (
    <main class="sheet">
      {(gone || (late && chat.complete.value)) && (
        <Empty drawing={<OpenGate />} text={language.text("channel.gone")}>
          <button type="button" class="primary" onClick={() => home.route.replace({ screen: "list" })}>
            {language.text("channel.back")}
          </button>
        </Empty>
      )}
    </main>
  );
}
