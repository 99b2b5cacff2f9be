// What can be done about a conversation, from the list and from its own header: a chunk of its own.
import type { ChannelRecord } from "../db/database";
import { useChat, useHome, useLanguage } from "./context";
import { CalendarIcon, DetailsIcon } from "./icons";
import { LATER } from "./later-words";
import { Menu } from "./menu";
import type { MenuPlace } from "./menu-place";
import { useMuting } from "./muting";
import { titleOf } from "./names";

interface ChannelMenuProps {
  record: ChannelRecord;
  at: MenuPlace;
  onClose: () => void;
}

/** In the list. */
export function ChannelMenu({ record, at, onClose }: ChannelMenuProps) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
  const details = {
    text: language.text("channel.details"),
    icon: <DetailsIcon size={16} />,
    onChoose: () => home.route.go({ screen: "channel", id: record.id, details: true }),
  };
  const items = [details, ...useMuting(record)];
  return <Menu label={titleOf(record, chat, language)} items={items} at={at} onClose={onClose} />;
}

/** In its header. */
export function MoreMenu({ record, at, onClose, onDate }: ChannelMenuProps & { onDate: () => void }) {
  const language = useLanguage(LATER);
  const jump = { text: language.text("channel.jump"), icon: <CalendarIcon size={16} />, onChoose: onDate };
  const items = [jump, ...useMuting(record)];
  return <Menu label={language.text("channel.more")} items={items} at={at} onClose={onClose} />;
}
