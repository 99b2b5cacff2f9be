// Links inside the page: real addresses, followed without loading the page anew.
import type { Home } from "../state/home";
import { pathOf, type Place } from "../state/route";

export function linkTo(home: Home, place: Place) {
  return {
    href: pathOf(place),
    onClick: (event: MouseEvent) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return; // wants a tab of its own
      event.preventDefault();
      home.route.go(place);
    },
  };
}
