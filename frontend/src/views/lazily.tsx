// Screens that come when they are wanted: the first visit does not wait for them.
import type { ComponentChildren, FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useLanguage } from "./context";
import { Empty } from "./empty";
import { OpenGate } from "./icons";

/** What is loaded is kept by the browser; a second view is there at once. `before` stands there meanwhile. */
export function lazily<P extends object>(
  load: () => Promise<FunctionComponent<P>>,
  before: ComponentChildren = null,
): FunctionComponent<P> {
  let loaded: FunctionComponent<P> | null = null;
  return function Later(props: P) {
    const [View, setView] = useState(() => loaded);
    const [failed, setFailed] = useState(false);
    const fetch = () => {
      setFailed(false);
      load().then(
        (view) => setView(() => (loaded = view)),
        () => setFailed(true),
      );
    };
    useEffect(() => {
      if (!View) fetch();
    }, []);
    if (View) return <View {...props} />;
    return failed ? <NotThere onAgain={fetch} /> : <>{before}</>;
  };
}

function NotThere({ onAgain }: { onAgain: () => void }) {
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
