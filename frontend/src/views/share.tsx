// Something shared from another app: to which conversation? It goes into the draft there, and is sent by its writer.
import { useEffect, useState } from "preact/hooks";
import type { ChannelRecord } from "../db/database";
import { forgetShared, readShared, type Shared } from "../platform/shared";
import { useChat, useHome, useLanguage } from "./context";
import { LATER } from "./later-words";
import { Empty } from "./empty";
import { Lantern } from "./icons";
import { titleOf } from "./names";
import { PaneHeader } from "./pane-header";
import { PersonAvatar } from "./presence";

export function ShareTarget() {
  const language = useLanguage(LATER);
  const [shared, setShared] = useState<Shared | null | undefined>(undefined);
  useEffect(() => {
    readShared().then(setShared, () => setShared(null));
  }, []);
  return (
    <main class="sheet pane">
      <PaneHeader title={language.text("share.title")} />
      <div class="pane-body">
        {shared && <Question shared={shared} />}
        {shared === null && <Empty drawing={<Lantern />} text={language.text("share.nothing")} />}
      </div>
    </main>
  );
}

function Question({ shared }: { shared: Shared }) {
  const chat = useChat();
  const language = useLanguage(LATER);
  return (
    <>
      {shared.files > 0 && <p class="why">{language.counted("share.files", shared.files)}</p>}
      {shared.text && (
        <>
          <blockquote class="shared">{shared.text}</blockquote>
          <h2>{language.text("share.to")}</h2>
          <ul class="share-list">
            {chat.list.value
              .filter((record) => !record.channel.closed)
              .map((record) => (
                <Target key={record.id} record={record} text={shared.text} />
              ))}
          </ul>
        </>
      )}
    </>
  );
}

function Target({ record, text }: { record: ChannelRecord; text: string }) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage(LATER);
  const title = titleOf(record, chat, language);
  const choose = async () => {
    const begun = await chat.drafts.read(record.id);
    chat.keepDraft(record.id, begun ? `${begun}\n${text}` : text);
    home.route.replace({ screen: "channel", id: record.id, details: false });
    await forgetShared();
  };
  return (
    <li>
      <button type="button" onClick={() => void choose()}>
        <PersonAvatar id={record.channel.peer?.id} name={title} group={record.channel.kind === "group"} size="small" />
        <bdi>{title}</bdi>
      </button>
    </li>
  );
}
