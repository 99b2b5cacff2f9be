// Screens that come when they are wanted: the first visit does not wait for them.
import type { ComponentChildren, FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "./context";
import { Empty } from "./empty";
import { OpenGate } from "./icons";

interface Lazy {
  /** Load it before it is wanted: its first view is there at once. */
  ahead: () => void;
}

/** What is loaded is kept by the browser; a second view is there at once. `before` stands there meanwhile. */
export function lazily<P extends object>(
  load: () => Promise<FunctionComponent<P>>,
  before: ComponentChildren = null,
): FunctionComponent<P> & Lazy {
  let loaded: FunctionComponent<P> | null = null;
  const fetch = () => load().then((view) => (loaded = view));
  function Later(props: P) {
    const [View, setView] = useState(() => loaded);
    const [failed, setFailed] = useState(false);
    const show = () => {
      setFailed(false);
      fetch().then(
        (view) => setView(() => view),
        () => setFailed(true),
      );
    };
    useEffect(() => {
      if (!View) show();
    }, []);
    if (View) return <View {...props} />;
    return failed ? <NotThere onAgain={show} /> : <>{before}</>;
  }
  return Object.assign(Later, { ahead: () => void fetch().catch(() => undefined) }); // failing is told to who wants it
}

/** A part of the page could not be loaded. */
export function NotThere({ onAgain }: { onAgain: () => void }) {
  const language = useLanguage();
  return (
    <main class="sheet">
      <Empty drawing={<OpenGate />} text={language.text("problem.unreachable")}>
        <button type="button" class="secondary" onClick={onAgain}>
          {language.text("common.again")}
        </button>
      </Empty>
    </main>
  );
}
