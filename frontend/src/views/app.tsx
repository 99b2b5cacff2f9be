// The page: the entrance for those outside, the hall for those signed in.
import { useEffect, useState } from "preact/hooks";
import { readSetting } from "../platform/settings";
import type { Home } from "../state/home";
import { HomeContext, useHome, useLanguage } from "./context";
import { Empty } from "./empty";
import { Lantern } from "./icons";
import { lazily, NotThere } from "./lazily";

// Who comes to the one does not wait for the other. The server names them in its answer, so that they come beside this.
const Entrance = lazily(() => import("./entrance").then((views) => views.Entrance), <main class="entrance" />);
const Hall = lazily(() => import("./inside").then((views) => views.Hall));

export function App({ home }: { home: Home }) {
  useEffect(() => {
    if (readSetting("me")) return Hall.ahead();
    Entrance.ahead();
    addEventListener("input", Hall.ahead, { once: true }); // whoever writes their name there is about to enter
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
    case "unloaded":
      return <NotThere onAgain={() => location.reload()} />;
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
