// Where signed-in people are: the list of conversations beside the sheet they are reading.
import { useLayoutEffect } from "preact/hooks";
import type { Place } from "../state/route";
import { Announcer } from "./announcer";
import { ChannelList } from "./channel-list";
import { useChat, useHome, useLanguage } from "./context";
import { ConversationSheet } from "./conversation";
import { Empty } from "./empty";
import { Lantern, OpenGate } from "./icons";
import { useKeys } from "./keys";
import { lazily } from "./lazily";
import { useInnerLinks } from "./link";
import { Notice } from "./notice";
import { PageLine } from "./page-line";
import { Switcher } from "./switcher";
import { ONE_PANE, useNarrowerThan } from "./width";

const blank = <main class="sheet" />;
const Settings = lazily(() => import("./settings/settings").then((views) => views.Settings), blank);
const Contacts = lazily(() => import("./contacts").then((views) => views.Contacts), blank);
const KeysDialog = lazily(() => import("./keys-dialog").then((views) => views.KeysDialog));
const NewConversation = lazily(() => import("./new-conversation").then((views) => views.NewConversation), blank);
const ShareTarget = lazily(() => import("./share").then((views) => views.ShareTarget), blank);

export function Hall() {
  const home = useHome();
  const chat = useChat();
  const place = home.route.place.value;
  const openId = place.screen === "channel" ? place.id : null;
  useLayoutEffect(() => void chat.show(openId, home.route.arrival.value.spot), [chat, place]);
  useKeys();
  useInnerLinks();
  const alone = useNarrowerThan(ONE_PANE);
  const list = place.screen === "list" || place.screen === "invite";
  return (
    <div class="hall" data-pane={list ? "list" : "sheet"}>
      <div class="list-frame" role={alone && list ? "main" : undefined}>
        <ChannelList />
      </div>
      <Sheet place={place} />
      <PageLine />
      <Announcer />
      <Notice />
      {home.listingKeys.value && <KeysDialog onClose={() => (home.listingKeys.value = false)} />}
      <Switcher />
    </div>
  );
}

function Sheet({ place }: { place: Place }) {
  switch (place.screen) {
    case "channel":
      return <ConversationSheet key={place.id} id={place.id} details={place.details} />;
    case "new":
      return <NewConversation />;
    case "contacts":
      return <Contacts />;
    case "settings":
      return <Settings page={place.page} />;
    case "share":
      return <ShareTarget />;
    default:
      return <NothingOpen />;
  }
}

function NothingOpen() {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
  const any = chat.channels.value.size > 0;
  return (
    <main class="sheet">
      {chat.complete.value && (
        <Empty drawing={any ? <OpenGate /> : <Lantern />} text={language.text(any ? "channel.choose" : "list.empty")}>
          <button type="button" class="primary" onClick={() => home.route.go({ screen: "new" })}>
            {language.text("list.new")}
          </button>
        </Empty>
      )}
    </main>
  );
}
