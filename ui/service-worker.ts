/**
 * Shows what the box pushes to this browser, also while no page of it is open. It keeps nothing and answers no requests:
 * pages always come from the box itself.
 */

/** What the box sends (`plugins/web-push/notification.ts`). */
interface Pushed {
  title: string;
  body: string;
  /** A newer one of the same takes the place of an older one. */
  tag: string;
  /** Page to open, `#/…`. */
  page: string;
  /** Wall clock of what happened, ms. */
  time: number;
}

interface WorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

/** The part of a service worker's world that is used here. */
interface WorkerWorld {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<WindowOfBox[]>;
    openWindow(url: string): Promise<unknown>;
    claim(): Promise<void>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: WorkerEvent) => void): void;
  addEventListener(type: 'push', listener: (event: WorkerEvent & { data: { text(): string } | null }) => void): void;
  addEventListener(
    type: 'notificationclick',
    listener: (event: WorkerEvent & { notification: Notification }) => void,
  ): void;
}

interface WindowOfBox {
  focus(): Promise<unknown>;
  navigate(url: string): Promise<unknown>;
}

const world = self as unknown as WorkerWorld;
const FALLBACK: Pushed = { title: 'Gatehouse', body: '', tag: 'gatehouse', page: '#/alarms', time: 0 };

function readPush(text: string | undefined): Pushed {
  try {
    return { ...FALLBACK, ...(JSON.parse(text ?? '{}') as Partial<Pushed>) };
  } catch {
    // Browsers want something shown for every push.
    return FALLBACK;
  }
}

async function show({ title, body, tag, page, time }: Pushed): Promise<void> {
  const options = {
    body,
    tag,
    renotify: true,
    icon: '/ui/icon-192.png',
    timestamp: time || Date.now(),
    data: { page },
  };
  await world.registration.showNotification(title, options as NotificationOptions);
}

/** A page that is open comes to the front; otherwise one is opened. */
async function open(page: unknown): Promise<void> {
  const address = `/${typeof page === 'string' && /^#\/[a-z0-9-]*$/.test(page) ? page : ''}`;
  const [shown] = await world.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (!shown) {
    await world.clients.openWindow(address);
    return;
  }
  await shown.focus();
  // Only a page that this worker controls can be led elsewhere.
  await shown.navigate(address).catch(() => {});
}

world.addEventListener('install', (event) => event.waitUntil(world.skipWaiting()));
world.addEventListener('activate', (event) => event.waitUntil(world.clients.claim()));
world.addEventListener('push', (event) => event.waitUntil(show(readPush(event.data?.text()))));
world.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open((event.notification.data as { page?: unknown } | null)?.page));
});
