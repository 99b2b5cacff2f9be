// Notifications: shows what the server pushes, and leads to where it points.
import { tell } from "../src/platform/worker";

/** Declarative Web Push, which newer Safaris show without this worker: the same message for every browser. */
interface Pushed {
  notification: {
    title: string;
    body?: string;
    navigate?: string;
    tag?: string;
    lang?: string;
    dir?: NotificationDirection;
    silent?: boolean;
    app_badge?: number | string;
  };
}

const ICON = "/icons/icon-192.png";
const BADGE = "/icons/badge-96.png";

/** Something is shown in any case: browsers withdraw the right from those who push and show nothing. */
export async function showPush(scope: ServiceWorkerGlobalScope, data: PushMessageData | null): Promise<void> {
  const { title, navigate, app_badge, ...rest } = readPushed(data);
  const path = pathIn(scope, navigate);
  const options = { icon: ICON, badge: BADGE, ...rest, renotify: rest.tag !== undefined, data: { path } };
  await scope.registration.showNotification(title, options);
  await showCount(scope.navigator, app_badge);
}

async function showCount(navigator: WorkerNavigator, count: number | string | undefined): Promise<void> {
  if (count === undefined || !(Number(count) >= 0) || !("setAppBadge" in navigator)) return;
  await navigator.setAppBadge(Number(count)).catch(() => undefined); // the app is not installed
}

/** The conversation it is about, in a page that is open or in a new one. */
export async function openFrom(scope: ServiceWorkerGlobalScope, notification: Notification): Promise<void> {
  notification.close();
  const { path } = notification.data as { path: string };
  const pages = await scope.clients.matchAll({ type: "window" });
  const page = pages.find((one) => one.focused) ?? pages[0];
  if (!page) return void (await scope.clients.openWindow(path));
  tell(page, { kind: "open", path });
  await page.focus();
}

function readPushed(data: PushMessageData | null): Pushed["notification"] {
  try {
    const pushed = data?.json() as Partial<Pushed> | undefined;
    if (pushed?.notification?.title) return pushed.notification;
  } catch {
    // not JSON: shown as what it is, a sign of life
  }
  return { title: "Maru" };
}

/** Only addresses of this origin are followed. */
function pathIn(scope: ServiceWorkerGlobalScope, navigate = "/"): string {
  const url = new URL(navigate, scope.location.origin);
  return url.origin === scope.location.origin ? url.pathname + url.search + url.hash : "/";
}
