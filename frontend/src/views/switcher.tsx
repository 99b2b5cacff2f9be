// The way to any conversation or person: Ctrl+K, a few letters, Enter. The field is there at once, the finds follow.
import { useLayoutEffect, useRef } from "preact/hooks";
import { useHome, useLanguage } from "./context";
import { SearchIcon } from "./icons";
import { lazily } from "./lazily";

export const RESULTS_ID = "switcher-results";

const Results = lazily(() => import("./switcher-results").then((views) => views.Results));

export function Switcher() {
  const { switching } = useHome();
  return switching.value ? <SwitcherDialog onClose={() => (switching.value = false)} /> : null;
}

function SwitcherDialog({ onClose }: { onClose: () => void }) {
  const language = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const entered = useRef(false); // before anything was there to be chosen
  const close = () => dialog.current?.close();
  return (
    <dialog
      class="switcher"
      ref={dialog}
      aria-label={language.text("switcher.title")}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="search">
        <SearchIcon size={16} />
        <input
          ref={field}
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-controls={RESULTS_ID}
          aria-label={language.text("switcher.title")}
          placeholder={language.text("switcher.placeholder")}
          autocomplete="off"
          spellcheck={false}
          enterkeyhint="go"
          onKeyDown={(event) => (entered.current ||= event.key === "Enter" && !event.isComposing)}
        />
      </div>
      <Results field={field} entered={entered} onDone={close} />
    </dialog>
  );
}
