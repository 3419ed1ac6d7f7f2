/** The fan-out bench's baseline, a process of its own: one JSON frame per tile and viewer, on `ws`. */
import { WebSocketServer } from 'ws';
import { z } from 'zod';

const batchSchema = z.object({ tiles: z.array(z.looseObject({})) });

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('listening', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : null });
});
process.on('message', (raw) => {
  for (const tile of batchSchema.parse(raw).tiles) {
    const text = JSON.stringify({ type: 'tile', tile });
    for (const client of server.clients) client.send(text);
  }
});
process.on('disconnect', () => process.exit(0));
