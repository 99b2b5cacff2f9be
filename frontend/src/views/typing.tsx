// Who is writing here just now. Not said aloud: it comes and goes.
import type { ChannelId } from "../protocol/types";
import { useChat, useLanguage } from "./context";
import { useDerived } from "./derived";

const MOST_NAMES = 3;

export function Typing({ channel }: { channel: ChannelId }) {
  const chat = useChat();
  const language = useLanguage();
  const words = useDerived(() => {
    const names = chat.typists.in(channel).map((id) => chat.nameOf(id)).filter(Boolean);
    if (names.length > MOST_NAMES) return language.counted("channel.many_typing", names.length);
    return names.length > 0 ? language.counted("channel.typing", names.length, { names: language.names(names) }) : "";
  }, [chat, channel, language]);
  return (
    <p class="typing" data-on={words !== ""}>
      <bdi>{words}</bdi>
    </p>
  );
}
