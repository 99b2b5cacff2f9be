// The page: the entrance for those outside, the hall for those signed in.
import { useEffect, useState } from "preact/hooks";
import { readSetting } from "../platform/settings";
import type { Home } from "../state/home";
import { HomeContext, useHome, useLanguage } from "./context";
import { Empty } from "./empty";
import { Hall } from "./hall";
import { Lantern } from "./icons";
import { lazily } from "./lazily";

const loadEntrance = () => import("./entrance").then((views) => views.Entrance);
const Entrance = lazily(loadEntrance, <main class="entrance" />);

export function App({ home }: { home: Home }) {
  useEffect(() => {
    // Nobody was here: the entrance comes while the server is asked who is signed in.
    if (!readSetting("me")) loadEntrance().catch(() => undefined);
  }, []);
  return (
    <HomeContext.Provider value={home}>
      <Screen />
    </HomeContext.Provider>
  );
}

function Screen() {
  const home = useHome();
  if (!home.language.value) return null;
  switch (home.phase.value) {
    case "in":
      return home.chat.value ? <Hall /> : <Starting />;
    case "out":
      return <Entrance />;
    case "unkept":
      return <Unkept />;
    case "starting":
      return <Starting />;
  }
}

function Unkept() {
  const language = useLanguage();
  return (
    <main class="entrance">
      <Empty drawing={<Lantern />} text={language.text("app.unkept")} />
    </main>
  );
}

/** Nothing at first; only who waits longer sees that something is coming. */
function Starting() {
  return useLate(300) ? <div class="starting skeletons" aria-busy="true" /> : null;
}

/** True once the view has been on screen for `ms`. */
export function useLate(ms: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return late;
}
