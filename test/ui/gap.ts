/** Sits between a page and the gateway's WebSocket, to lose a message on purpose and to see what the page asks for. */
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { clientMessageSchema, WALL_PATH } from '../../protocol/wall.ts';

const typed = z.looseObject({ type: z.string() });

export type Gap = {
  /** The next message of this type is lost. */
  readonly swallow: (type: string) => void;
  readonly swallowed: number;
  /** Buildings the page asked a fresh snapshot of. */
  readonly asked: string[];
};

/** Before the page logs in. */
export async function wallSocketGap(page: Page): Promise<Gap> {
  let next: string | null = null;
  const gap = { swallow: (type: string) => void (next = type), swallowed: 0, asked: [] as string[] };
  await page.routeWebSocket(new RegExp(`${WALL_PATH}$`), (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((text) => {
      const message = clientMessageSchema.parse(JSON.parse(String(text)));
      if (message.type === 'resync') gap.asked.push(message.building);
      server.send(text);
    });
    server.onMessage((text) => {
      // All binary messages are frames.
      const type = typeof text === 'string' ? typed.parse(JSON.parse(text)).type : 'frame';
      if (type !== next) return socket.send(text);
      next = null;
      gap.swallowed += 1;
    });
  });
  await page.reload();
  return gap;
}
