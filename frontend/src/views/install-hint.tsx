// A quiet line for who comes back: this page can be an app.
import { useHome, useLanguage } from "./context";
import { LATER } from "./later-words";
import { CloseIcon } from "./icons";
import { linkTo } from "./link";
import { Line } from "./page-line";

export function InstallHint() {
  const home = useHome();
  const language = useLanguage(LATER);
  const { installation } = home;
  const byButton = installation.way.value === "button";
  return (
    <Line text={language.text("install.hint")}>
      {byButton ? (
        <button type="button" class="link" onClick={() => void installation.install()}>
          {language.text("install.do")}
        </button>
      ) : (
        <a class="link" {...linkTo(home, { screen: "settings", page: "about" })}>
          {language.text("install.how")}
        </a>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label={language.text("install.refuse")}
        onClick={() => installation.refuse()}
      >
        <CloseIcon size={16} />
      </button>
    </Line>
  );
}
