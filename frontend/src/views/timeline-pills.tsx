// What floats over the timeline: the way to the newest, the way back, and what could not be reached.
import type { Conversation } from "../state/conversation";
import { unreadOf } from "../sync/apply";
import { useChat, useHome, useLanguage } from "./context";
import { BackIcon, CloseIcon, DownIcon } from "./icons";
import type { Scroller } from "./scrolling";

interface ToEndProps {
  conversation: Conversation;
  scroller: Scroller;
}

/** Goes to the newest; says how many were not read yet. */
export function ToEnd({ conversation, scroller }: ToEndProps) {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
  const record = chat.channels.value.get(conversation.id);
  const unread = record ? unreadOf(record) : 0;
  const go = async () => {
    await conversation.toEnd();
    home.route.settle();
    requestAnimationFrame(() => scroller.current?.scrollTo({ top: 0 }));
  };
  const words = unread > 0 ? language.counted("channel.new_below", unread) : "";
  const label = [language.text("channel.to_end"), words].filter(Boolean).join(", ");
  return (
    <button type="button" class="pill to-end" onClick={() => void go()} aria-label={label}>
      <DownIcon size={18} />
      {words && <span>{words}</span>}
    </button>
  );
}

/** After a jump: back to where one was. */
export function WayBack() {
  const { route } = useHome();
  const language = useLanguage();
  if (!route.arrival.value.jumped) return null;
  return (
    <button type="button" class="pill way-back" onClick={() => route.back({ screen: "list" })}>
      <BackIcon size={16} />
      <span>{language.text("channel.jump.back")}</span>
    </button>
  );
}

export function OutOfReach({ conversation }: { conversation: Conversation }) {
  const language = useLanguage();
  return (
    <div class="out-of-reach" role="status">
      {conversation.outOfReach.value && (
        <p class="pill">
          <span>{language.text("channel.jump.unreachable")}</span>
          <button
            type="button"
            class="icon-button"
            aria-label={language.text("common.close")}
            onClick={() => (conversation.outOfReach.value = false)}
          >
            <CloseIcon size={14} />
          </button>
        </p>
      )}
    </div>
  );
}
