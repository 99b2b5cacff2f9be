// Links inside the page: real addresses, followed without loading the page anew.
import { useEffect } from "preact/hooks";
import type { Home } from "../state/home";
import { pathOf, placeOf, type Place } from "../state/route";
import { useHome } from "./context";

export function linkTo(home: Home, place: Place) {
  return {
    href: pathOf(place),
    onClick: (event: MouseEvent) => {
      if (wantsItsOwnTab(event)) return;
      event.preventDefault();
      home.route.go(place);
    },
  };
}

/** Addresses of this page that somebody wrote into a message are followed in the same way. */
export function useInnerLinks(): void {
  const home = useHome();
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a") : null;
      if (!link || event.defaultPrevented || link.origin !== location.origin || wantsItsOwnTab(event)) return;
      const place = placeOf(link.pathname, link.search, link.hash);
      if (place.screen !== "channel") return;
      event.preventDefault();
      home.route.go(place);
    };
    document.addEventListener("click", onClick);
    return () => document.removeEventListener("click", onClick);
  }, [home]);
}

const wantsItsOwnTab = (event: MouseEvent) => event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0;
