// The head of a screen that stands where the conversation would.
import { useHome, useLanguage } from "./context";
import { BackIcon } from "./icons";
import { linkTo } from "./link";

export function PaneHeader({ title }: { title: string }) {
  const home = useHome();
  const language = useLanguage();
  return (
    <header class="pane-header">
      <a class="icon-button back" {...linkTo(home, { screen: "list" })} aria-label={language.text("channel.back")}>
        <BackIcon />
      </a>
      <h1>{title}</h1>
    </header>
  );
}
