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

let asked = false;

/** Ask the browser not to throw away what is kept, once there is something to lose. Some ask the person. */
export async function askToPersist(): Promise<void> {
  if (asked || !navigator.storage?.persist) return;
  asked = true;
  if (!(await navigator.storage.persisted())) await navigator.storage.persist();
}
