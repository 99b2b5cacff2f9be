// In the settings: how this device makes an app of the page.
import { useHome, useLanguage } from "./context";
import { LATER } from "./later-words";
import { ShareIcon } from "./icons";

export function Install() {
  const { installation } = useHome();
  const language = useLanguage(LATER);
  if (installation.installed.value) return <p class="quiet">{language.text("install.done")}</p>;
  switch (installation.way.value) {
    case "button":
      return (
        <button type="button" class="secondary" onClick={() => void installation.install()}>
          {language.text("install.do")}
        </button>
      );
    case "ios":
      return <IosGuide />;
    case "menu":
      return <p class="quiet">{language.text("install.menu")}</p>;
  }
}

/** Safari offers no button: the person finds it in its share sheet. */
function IosGuide() {
  const language = useLanguage(LATER);
  return (
    <>
      <p class="quiet">{language.text("install.ios")}</p>
      <ol class="guide">
        <li>
          {language.text("install.ios.share")} <ShareIcon size={18} />
        </li>
        <li>{language.text("install.ios.add")}</li>
        <li>{language.text("install.ios.open")}</li>
      </ol>
    </>
  );
}
