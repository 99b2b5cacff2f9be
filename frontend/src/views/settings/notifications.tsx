// What calls for attention: on this device, and of which conversation.
import { useState } from "preact/hooks";
import type { ChannelRecord } from "../../db/database";
import type { NotificationLevel } from "../../protocol/types";
import { isMuted, notificationsOf } from "../../state/muting";
import { useChat, useHome, useLanguage } from "../context";
import { LATER } from "../later-words";
import { titleOf } from "../names";
import { useAttempt } from "../notice";
import { PersonAvatar } from "../presence";
import { Section } from "./section";

const LEVELS: readonly NotificationLevel[] = ["all", "mentions", "none"];

export function NotificationsPage() {
  const chat = useChat();
  const language = useLanguage(LATER);
  return (
    <>
      <Section title="settings.notifications.device">
        <Permission />
      </Section>
      <Section title="settings.notifications.channels">
        <ul class="levels">
          {chat.list.value.map((record) => (
            <Level key={record.id} record={record} />
          ))}
        </ul>
        {chat.list.value.length === 0 && <p class="quiet">{language.text("list.empty")}</p>}
      </Section>
    </>
  );
}

type PermissionState = NotificationPermission | "missing";

/** Only what the browser says: asking comes with what would then be sent. */
function Permission() {
  const language = useLanguage(LATER);
  const [state] = useState<PermissionState>(() => ("Notification" in window ? Notification.permission : "missing"));
  return <p>{language.text(`settings.notifications.${state}`)}</p>;
}

function Level({ record }: { record: ChannelRecord }) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const attempt = useAttempt();
  const { level, muted_until } = notificationsOf(record);
  const title = titleOf(record, chat, language);
  const forNow = level !== "none" && isMuted(record, home.now.value) && muted_until;
  return (
    <li class="person">
      <PersonAvatar id={record.channel.peer?.id} name={title} group={record.channel.kind === "group"} />
      <span class="who">
        <bdi class="name">{title}</bdi>
        {forNow && <span class="quiet">{language.text("mute.until", { when: language.clock(forNow) })}</span>}
      </span>
      <select
        aria-label={language.text("settings.notifications.of", { name: title })}
        value={level}
        onChange={(event) => {
          const chosen = event.currentTarget.value as NotificationLevel;
          attempt(chat.notify(record.id, { level: chosen, muted_until: null }));
        }}
      >
        {LEVELS.map((one) => (
          <option key={one} value={one}>
            {language.text(`settings.notifications.level.${one}`)}
          </option>
        ))}
      </select>
    </li>
  );
}
