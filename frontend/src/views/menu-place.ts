// Where a menu opens: known before the menu itself is loaded.

/** In pixels of the window. */
export interface MenuPlace {
  x: number;
  y: number;
}

/** Under the lower edge of what was pressed. */
export function below(element: Element): MenuPlace {
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left, y: bottom + 4 };
}

/** Where the pointer is; under the element itself, when a key asked. */
export function placeOfRequest(event: MouseEvent): MenuPlace {
  const byKey = event.clientX === 0 && event.clientY === 0;
  return byKey ? below(event.currentTarget as Element) : { x: event.clientX, y: event.clientY };
}
