// Going to a day of a conversation.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Conversation } from "../state/conversation";
import { useHome, useLanguage } from "./context";
import { LATER } from "./later-words";

interface JumpDateProps {
  conversation: Conversation;
  /** The day that is offered first, by a time within it. */
  from: number;
  onClose: () => void;
}

export function JumpDate({ conversation, from, onClose }: JumpDateProps) {
  const home = useHome();
  const language = useLanguage(LATER);
  const dialog = useRef<HTMLDialogElement>(null);
  const [busy, setBusy] = useState(false);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const go = async (day: string) => {
    const time = startOf(day);
    if (time === null) return;
    setBusy(true);
    const seq = await conversation.seqAt(time);
    dialog.current?.close();
    const place = home.route.place.value;
    const details = place.screen === "channel" && place.details;
    home.route.go({ screen: "channel", id: conversation.id, details, seq });
  };
  return (
    <dialog ref={dialog} class="small-dialog" aria-labelledby="jump-title" onClose={onClose}>
      <form
        class="field"
        aria-busy={busy}
        onSubmit={(event) => {
          event.preventDefault();
          const day = new FormData(event.currentTarget).get("day");
          if (typeof day === "string") void go(day);
        }}
      >
        <label id="jump-title" for="jump-day">
          {language.text("channel.jump.title")}
        </label>
        <input
          id="jump-day"
          name="day"
          type="date"
          required
          defaultValue={dayOf(from)}
          max={dayOf(home.now.value)}
        />
        <div class="dialog-buttons">
          <button type="button" class="secondary" onClick={() => dialog.current?.close()}>
            {language.text("composer.cancel")}
          </button>
          <button class="primary" disabled={busy}>
            {language.text("channel.jump.go")}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** As a date field writes it: 2026-05-05, in the person's own time. */
export function dayOf(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** When that day begins here. */
export function startOf(day: string): number | null {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return null;
  return new Date(year, month - 1, date).getTime();
}
