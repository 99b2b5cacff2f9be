// The page: the entrance for those outside, the hall for those signed in.
import { useEffect, useState } from "preact/hooks";
import type { Home } from "../state/home";
import { HomeContext } from "./context";
import { Entrance } from "./entrance";
import { Hall } from "./hall";

export function App({ home }: { home: Home }) {
  return (
    <HomeContext.Provider value={home}>
      {home.phase.value === "in" && home.chat.value ? <Hall /> : home.phase.value === "out" ? <Entrance /> : <Starting />}
    </HomeContext.Provider>
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
