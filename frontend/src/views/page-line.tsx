// One quiet line at the foot of everything, for what concerns the whole page. At most one thing at a time.
import type { ComponentChildren } from "preact";
import { useChat, useHome, useLanguage } from "./context";
import { lazily } from "./lazily";

const InstallHint = lazily(() => import("./install-hint").then((views) => views.InstallHint));

export function PageLine() {
  const home = useHome();
  const chat = useChat();
  if (home.installation.newer.value) return <NewerBuild />;
  if (chat.full.value) return <DeviceFull />;
  return home.installation.hinted.value && home.route.place.value.screen === "list" ? <InstallHint /> : null;
}

export function Line({ text, children }: { text: string; children?: ComponentChildren }) {
  return (
    <div class="page-line">
      <p role="status">{text}</p>
      {children}
    </div>
  );
}

function NewerBuild() {
  const home = useHome();
  const language = useLanguage();
  return (
    <Line text={language.text("line.newer")}>
      <button type="button" class="link" onClick={() => void home.reload()}>
        {language.text("line.reload")}
      </button>
    </Line>
  );
}

function DeviceFull() {
  const language = useLanguage();
  return <Line text={language.text("line.full")} />;
}
