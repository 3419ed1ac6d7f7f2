/** This browser and pushes: what the Push API gives, as the server keeps it. */
import type { PushSubscription as Kept } from '../../../protocol/notices.ts';

const WORKER = '/push-worker.js';
export const pushPossible = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window;

function keptOf(subscription: PushSubscription): Kept {
  const { keys } = subscription.toJSON();
  return { endpoint: subscription.endpoint, p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' };
}

async function current(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration(WORKER);
  return (await registration?.pushManager.getSubscription()) ?? null;
}

export const isSubscribed = async (): Promise<boolean> => pushPossible() && (await current()) !== null;

/** Asks the person; null where they or the browser do not allow it. */
export async function subscribe(pushKey: string): Promise<Kept | null> {
  if ((await Notification.requestPermission()) !== 'granted') return null;
  await navigator.serviceWorker.register(WORKER);
  const registration = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: pushKey };
  return keptOf(await registration.pushManager.subscribe(options));
}

/** The endpoint that is no longer one; null when there was none. */
export async function unsubscribe(): Promise<string | null> {
  const subscription = await current();
  if (subscription === null) return null;
  await subscription.unsubscribe();
  return subscription.endpoint;
}
