/** The wall's WebSocket: who may open it, what it may say, how much may wait for it. */
import type { TemplatedApp, WebSocketBehavior } from 'uWebSockets.js';
import { clientMessageSchema, WALL_PATH, type ClientMessage } from '../../../protocol/wall.ts';
import type { GatewayConfig } from '../config.ts';
import { answerOf, readRequest, writeReply, type Outlet } from '../http/exchange.ts';
import { originAllowed, type Guard } from '../http/guard.ts';
import { problem, RequestRefused } from '../http/problem.ts';
import { fullBucket, take } from '../limiter.ts';
import type { CoreLink } from '../link.ts';
import { limits, type Viewer, type WallHub } from './hub.ts';

/** A client says hello once and asks for a building now and then. */
const MESSAGE_BYTES_MAX = 4 * 1024;
const messageRate = { burst: 100, refillMs: 50 };
const CLIENTS_MAX = 4_000;
/** Pings go out by themselves; a peer that answers none of them is gone. */
const IDLE_S = 60;

type Socket = Viewer & { readonly bucket: ReturnType<typeof fullBucket> };
type Parts = {
  readonly config: GatewayConfig;
  readonly guard: Guard;
  readonly hub: WallHub;
  readonly link: CoreLink;
  readonly outlet: Outlet;
  readonly monoMs: () => number;
};

function parse(message: ArrayBuffer, isBinary: boolean): ClientMessage | null {
  if (isBinary) return null;
  try {
    const parsed = clientMessageSchema.safeParse(JSON.parse(Buffer.from(message).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Unlike a change, a socket must name its origin: SameSite does not hold back every browser's handshake. */
function upgrade({ config, guard, hub, outlet, monoMs }: Parts): NonNullable<WebSocketBehavior<Socket>['upgrade']> {
  return (res, req, context) => {
    let aborted = false;
    res.onAborted(() => {
      aborted = true;
    });
    const request = readRequest(res, req, []);
    const key = req.getHeader('sec-websocket-key');
    const protocol = req.getHeader('sec-websocket-protocol');
    const extensions = req.getHeader('sec-websocket-extensions');
    let socket: Socket | null = null;
    const authorise = async () => {
      if (!originAllowed(request.header.origin, request.header.host, config.publicOrigin)) {
        throw new RequestRefused('origin', `Pages of "${request.header.origin}" may not open the wall.`);
      }
      if (hub.clientCount >= CLIENTS_MAX) throw new RequestRefused('tooMany', 'No more walls can be opened here.');
      const session = await guard.session(request);
      const openedMs = monoMs();
      const bucket = fullBucket(messageRate, openedMs);
      socket = { session, openedMs, phase: 'greeting', alarmSeq: null, owed: new Set(), behindSinceMs: null, bucket };
      return problem({ code: 'internal', detail: 'An upgrade has no body.', path: request.path });
    };
    void answerOf(request, authorise, outlet).then((reply) => {
      const opened = socket;
      outlet.counted(request.method, WALL_PATH, opened === null ? reply.status : 101);
      if (aborted) return;
      if (opened === null) return writeReply(res, request, reply, outlet);
      res.cork(() => res.upgrade(opened, key, protocol, extensions, context));
    });
  };
}

export function mountWall(app: TemplatedApp, parts: Parts): void {
  const { hub, link, monoMs } = parts;
  // No compression (the default): a frame is encoded once for everyone, compressing it would be once for each.
  app.ws<Socket>(WALL_PATH, {
    maxPayloadLength: MESSAGE_BYTES_MAX,
    maxBackpressure: limits.hardBytes,
    closeOnBackpressureLimit: true,
    idleTimeout: IDLE_S,
    sendPingsAutomatically: true,
    upgrade: upgrade(parts),
    open: (ws) => hub.opened(ws),
    message: (ws, bytes, isBinary) => {
      const viewer = ws.getUserData();
      if (viewer.phase === 'gone') return;
      const message = take(viewer.bucket, messageRate, monoMs()) ? parse(bytes, isBinary) : null;
      if (message === null) hub.bye(ws, 'protocol');
      else hub.received(ws, message, link.alive);
    },
    drain: (ws) => hub.drained(ws),
    dropped: (ws) => hub.dropped(ws),
    close: (ws) => hub.closed(ws),
  });
}
