// A menu that opens where it was asked for: by a button, the right mouse button, a long press, or Shift+F10.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { CheckIcon } from "./icons";
import type { MenuPlace } from "./menu-place";

export interface MenuItem {
  text: string;
  icon?: ComponentChildren;
  /** One of several, and the one that holds. */
  chosen?: boolean;
  onChoose: () => void;
}

interface MenuProps {
  label: string;
  items: MenuItem[];
  at: MenuPlace;
  onClose: () => void;
}

const EDGE_PX = 8;

export function Menu({ label, items, at, onClose }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    const before = document.activeElement;
    element.showPopover();
    place(element, at);
    element.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
    return () => {
      const within = element.contains(document.activeElement) || document.activeElement === document.body;
      if (within && before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, []);
  const choose = (item: MenuItem) => {
    menu.current?.hidePopover();
    item.onChoose();
  };
  return (
    <div
      class="menu"
      role="menu"
      popover="auto"
      aria-label={label}
      ref={menu}
      onToggle={(event) => event.newState === "closed" && onClose()}
      onKeyDown={(event) => move(event, menu.current)}
      onContextMenu={(event) => event.preventDefault()}
    >
      {items.map((item) => (
        <button
          key={item.text}
          type="button"
          role={item.chosen === undefined ? "menuitem" : "menuitemradio"}
          aria-checked={item.chosen}
          tabIndex={-1}
          onClick={() => choose(item)}
        >
          {item.chosen ? <CheckIcon size={16} /> : (item.icon ?? <span class="no-icon" />)}
          {item.text}
        </button>
      ))}
    </div>
  );
}

/** Below and beside the point, as far as the window has room. */
function place(element: HTMLElement, at: MenuPlace): void {
  const { width, height } = element.getBoundingClientRect();
  const left = Math.min(at.x, innerWidth - width - EDGE_PX);
  const top = at.y + height + EDGE_PX > innerHeight ? at.y - height : at.y;
  element.style.left = `${Math.max(EDGE_PX, left)}px`;
  element.style.top = `${Math.max(EDGE_PX, top)}px`;
}

/** Arrow keys go round; Tab leaves and closes. */
function move(event: KeyboardEvent, menu: HTMLElement | null): void {
  const items = [...(menu?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  const at = items.findIndex((item) => item === document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Tab") menu?.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  items.at(to % items.length)?.focus();
}
