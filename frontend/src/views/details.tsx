// Beside a conversation: who is in it, and what one may do about that.
import { useRef, useState } from "preact/hooks";
import type { ChannelRecord } from "../db/database";
import type { Conversation } from "../state/conversation";
import type { Member } from "../protocol/types";
import { notificationsOf } from "../state/muting";
import { useChat, useHome, useLanguage } from "./context";
import { LATER } from "./later-words";
import { CloseIcon } from "./icons";
import { linkTo } from "./link";
import { Confirm } from "./message";
import { useMuted } from "./muted";
import { useMuting } from "./muting";
import { titleOf } from "./names";
import { PeopleSearch, PersonItem } from "./people-search";
import { PersonAvatar, PresenceWords } from "./presence";
import { wordsForError } from "./problem";
import { TWO_PANES, useNarrowerThan } from "./width";

interface DetailsProps {
  conversation: Conversation;
  record: ChannelRecord;
}

export function Details({ conversation, record }: DetailsProps) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const [error, setError] = useState<unknown>(null);
  const alone = useNarrowerThan(TWO_PANES); // it then stands in the place of the conversation
  const Pane = alone ? "main" : "aside";
  const group = record.channel.kind === "group";
  const title = titleOf(record, chat, language);
  const attempt = (work: Promise<unknown>) => {
    setError(null);
    work.catch(setError);
  };
  return (
    <Pane class="details" aria-label={language.text("details.title")}>
      <header class="pane-header">
        {alone ? <h1>{language.text("details.title")}</h1> : <h2>{language.text("details.title")}</h2>}
        <a
          class="icon-button"
          {...linkTo(home, { screen: "channel", id: record.id, details: false })}
          aria-label={language.text("common.close")}
        >
          <CloseIcon />
        </a>
      </header>
      <div class="pane-body">
        <div class="portrait">
          <PersonAvatar id={record.channel.peer?.id} name={title} group={group} size="large" />
          <h2>
            <bdi>{title}</bdi>
          </h2>
          {!group && record.channel.peer && <p class="quiet">@{record.channel.peer.username}</p>}
          <PresenceWords id={record.channel.peer?.id} />
        </div>
        {error ? (
          <p class="why" role="alert">
            {wordsForError(language, error)}
          </p>
        ) : null}
        <Muting record={record} />
        {group && mayManage(record) && <Rename record={record} attempt={attempt} />}
        {group && <Members conversation={conversation} record={record} attempt={attempt} />}
        {group && <Leave record={record} attempt={attempt} />}
      </div>
    </Pane>
  );
}

function Muting({ record }: { record: ChannelRecord }) {
  const language = useLanguage(LATER);
  const ways = useRef<HTMLDivElement>(null);
  const muted = useMuted(record);
  const { level, muted_until } = notificationsOf(record);
  return (
    <section>
      <h2>{language.text("settings.page.notifications")}</h2>
      {muted && level !== "none" && muted_until !== null && (
        <p class="quiet">{language.text("mute.until", { when: language.clock(muted_until) })}</p>
      )}
      <div class="ways" ref={ways}>
        {useMuting(record).map(({ text, onChoose }, index) => (
          <button
            key={index}
            type="button"
            class="secondary"
            onClick={() => {
              ways.current?.querySelector("button")?.focus(); // the first stays, and takes it back
              onChoose();
            }}
          >
            {text}
          </button>
        ))}
      </div>
    </section>
  );
}

type Attempt = (work: Promise<unknown>) => void;

const mayManage = (record: ChannelRecord) => record.channel.role === "owner" || record.channel.role === "admin";

function Rename({ record, attempt }: { record: ChannelRecord; attempt: Attempt }) {
  const { rest } = useHome();
  const language = useLanguage(LATER);
  return (
    <form
      class="field inline"
      onSubmit={(event) => {
        event.preventDefault();
        const name = new FormData(event.currentTarget).get("name");
        if (typeof name === "string" && name.trim()) attempt(rest.renameChannel(record.id, name.trim()));
      }}
    >
      <label for="rename">{language.text("details.name")}</label>
      <input id="rename" name="name" defaultValue={record.channel.name ?? ""} maxLength={80} autocomplete="off" />
      <button class="secondary">{language.text("details.rename")}</button>
    </form>
  );
}

function Members({ conversation, record, attempt }: DetailsProps & { attempt: Attempt }) {
  const { rest } = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const members = [...conversation.members.value.values()];
  const renew = (work: Promise<unknown>) => attempt(work.then(() => chat.readMembers()));
  return (
    <section>
      <h2>{language.text("details.people")}</h2>
      <PeopleSearch
        label={language.text("details.add")}
        without={new Set(conversation.members.value.keys())}
        action={(user) => (
          <button
            type="button"
            class="secondary cover"
            aria-label={`${language.text("contacts.add")} ${user.display_name}`}
            onClick={() => renew(rest.addMember(record.id, user.id))}
          >
            {language.text("contacts.add")}
          </button>
        )}
      />
      <ul class="people">
        {members.map((member) => (
          <PersonItem
            key={member.user.id}
            user={member.user}
            {...(member.role === "member" ? {} : { note: language.text(`role.${member.role}`) })}
          >
            {mayRemove(record, member, chat.me.value.id) && (
              <button
                type="button"
                class="icon-button"
                aria-label={language.text("details.remove", { name: member.user.display_name })}
                onClick={() => renew(rest.removeMember(record.id, member.user.id))}
              >
                <CloseIcon size={16} />
              </button>
            )}
          </PersonItem>
        ))}
      </ul>
    </section>
  );
}

function mayRemove(record: ChannelRecord, member: Member, me: string): boolean {
  return mayManage(record) && member.user.id !== me && member.role !== "owner";
}

function Leave({ record, attempt }: { record: ChannelRecord; attempt: Attempt }) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const [asked, setAsked] = useState(false);
  const leave = async () => {
    await home.rest.removeMember(record.id, chat.me.value.id);
    home.route.replace({ screen: "list" });
  };
  if (asked) {
    return (
      <Confirm
        text={language.text("details.leave.confirm")}
        yes={language.text("details.leave")}
        onYes={() => attempt(leave())}
        onNo={() => setAsked(false)}
      />
    );
  }
  return (
    <button type="button" class="quiet-danger" onClick={() => setAsked(true)}>
      {language.text("details.leave")}
    </button>
  );
}
