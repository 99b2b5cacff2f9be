// One quiet line: how messages travel just now, and why.
import { useState } from "preact/hooks";
import type { Link } from "../state/calm";
import { useChat, useHome, useLanguage } from "./context";
import { linkTo } from "./link";

type Manner = "live" | "connecting" | "longpoll" | "poll" | "offline" | "elsewhere";

export function ConnectionLine() {
  const home = useHome();
  const chat = useChat();
  const language = useLanguage();
  const [open, setOpen] = useState(false);
  const manner = mannerOf(chat.calmLink.value);
  const waiting = chat.waiting.value;
  const state = language.text(`connection.${manner}`);
  const why = language.text(`connection.${manner}.why`);
  const unsent = manner === "offline" && waiting > 0;
  return (
    <div class="connection" data-manner={manner}>
      <button type="button" class="connection-line" title={why} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span class="dot" aria-hidden="true" />
        <span>{unsent ? language.text("connection.waiting", { state, count: waiting }) : state}</span>
      </button>
      {open && (
        <p class="connection-why">
          {why}{" "}
          <a class="link" {...linkTo(home, { screen: "settings", page: "connection" })}>
            {language.text("doctor.start")}
          </a>
        </p>
      )}
    </div>
  );
}

export function mannerOf(link: Link): Manner {
  switch (link.kind) {
    case "live":
      return link.rung === "websocket" ? "live" : link.rung;
    case "elsewhere": {
      const manner = mannerOf(link.state);
      return manner === "live" ? "elsewhere" : manner;
    }
    case "offline":
      return "offline";
    case "yielded":
      return "elsewhere";
    default:
      return "connecting";
  }
}
