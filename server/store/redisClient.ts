/** How Wattroom talks to Redis: bounded queue, no offline queue, growing pauses between attempts, a ping on idle lines. */
import { createClient } from 'redis';

export type RedisClient = ReturnType<typeof createClient>;

const QUEUE_MAX = 2_000;
const RECONNECT_MS = { first: 50, max: 2_000 };
/** A peer that is gone without a word: nothing comes back to a ping, so the connection is made anew. */
const PING_MS = 5_000;
const SILENCE_MS = 12_000;

/** Where that is, for people: without name and password. */
export function shownUrl(url: string): string {
  if (url.startsWith('unix:')) return url;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

/** All keys of a site share one hash tag, so a script reaches all of them in a cluster too. */
export const prefixOf = (siteId: string): string => `{wattroom:${siteId}}:`;

/** Growing pause with a random half, so that many clients do not come back at once. */
const reconnectStrategy = (retries: number): number => {
  const pause = Math.min(RECONNECT_MS.max, RECONNECT_MS.first * 2 ** Math.min(retries, 10));
  return pause / 2 + (Math.random() * pause) / 2;
};

/** Its commands fail at once while it is not connected, and it comes back by itself. The caller adds an 'error' listener. */
export function newClient(url: string): RedisClient {
  const unix = url.startsWith('unix:') ? url.slice('unix:'.length) : null;
  const socket = { reconnectStrategy, connectTimeout: 2_000, socketTimeout: SILENCE_MS };
  const common = { disableOfflineQueue: true, commandsQueueMaxLength: QUEUE_MAX, pingInterval: PING_MS };
  return createClient(
    unix === null ? { url, socket, ...common } : { socket: { ...socket, path: unix, tls: false }, ...common },
  ) as RedisClient;
}
