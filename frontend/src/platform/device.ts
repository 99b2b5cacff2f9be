// Small services of the device that a page may lack.

/** How many conversations wait, on the app's icon. */
export function showBadge(count: number): void {
  if (!("setAppBadge" in navigator)) return;
  const shown = count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge();
  shown.catch(() => undefined); // not installed, or not allowed
}

/** The person asked their browser to save data, or the network is of the slowest kind. Not every browser tells. */
export function bytesAreDear(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean; effectiveType?: string } };
  return connection?.saveData === true || connection?.effectiveType?.endsWith("2g") === true;
}

/** Into the clipboard; whether it went. Pages that came from another machine by plain HTTP have only the old way. */
export async function copyText(text: string): Promise<boolean> {
  const { clipboard } = navigator as { clipboard?: Clipboard };
  return clipboard ? clipboard.writeText(text).then(() => true, () => false) : copyFromField(text);
}

function copyFromField(text: string): boolean {
  const before = document.activeElement as HTMLElement | null;
  const field = document.body.appendChild(document.createElement("textarea"));
  field.className = "visually-hidden";
  field.value = text;
  field.focus({ preventScroll: true });
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  before?.focus({ preventScroll: true });
  return copied;
}

let asked = false;

/** Ask the browser not to throw away what is kept, once there is something to lose. Some ask the person. */
export async function askToPersist(): Promise<void> {
  if (asked || !navigator.storage?.persist) return;
  asked = true;
  if (!(await navigator.storage.persisted())) await navigator.storage.persist();
}
