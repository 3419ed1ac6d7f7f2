/** Puts the parts together and moves messages between the channel, the image and the network. */
import { App, LIBUS_LISTEN_EXCLUSIVE_PORT, us_listen_socket_close, type us_listen_socket } from 'uWebSockets.js';
import type { Logger } from 'pino';
import './uws.ts';
import type { CoreToGateway, GatewayToCore } from '../../protocol/ipc.ts';
import { SHARED_PATH } from '../../protocol/explanations.ts';
import { WALL_PATH } from '../../protocol/wall.ts';
import { assertNever } from '../domain/assert.ts';
import type { GatewayConfig } from './config.ts';
import { freePort } from './free-port.ts';
import type { Outlet } from './http/exchange.ts';
import { cookieName, Guard } from './http/guard.ts';
import { securityHeaders } from './http/headers.ts';
import { healthHandler, metricsHandler } from './http/monitor.ts';
import { openApi } from './http/openapi.ts';
import { json } from './http/problem.ts';
import { mount, opRoutes, sessionRoutes, type Route } from './http/routes.ts';
import { sharedHandler } from './http/shared.ts';
import { SessionRoutes } from './http/session.ts';
import { readAssets, staticHandler } from './http/static.ts';
import { CoreAway, CoreLink } from './link.ts';
import type { NoticeConfig } from '../notices/config.ts';
import { noticeSender } from '../notices/sender.ts';
import { coreToGatewaySchema } from './link-messages.ts';
import { GatewayMetrics } from './metrics.ts';
import { Sessions, type Session } from './sessions.ts';
import { WallHub, type Publish } from './wall/hub.ts';
import { WallImage } from './wall/image.ts';
import { Pace } from './wall/pace.ts';
import { mountWall } from './wall/socket.ts';

/** Five times a second: far below the second a pulse may take to the wall, and a write for each socket each time. */
const FRAME_INTERVAL_MS = 200;
const HEARTBEAT_MS = 1_000;
/** How often open sockets are asked whether their session still holds. */
const RECHECK_MS = 5_000;
/** At a stop: how long what is under way may take, and how often it is looked at. */
const STOP_MS_MAX = 2_000;
const STOP_LOOK_MS = 50;

/** `CLOCK_MONOTONIC` in ms, the same in all processes of this machine. */
const monoMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The end of the channel a forked process has: the part of `process` that is used. */
type Channel = Pick<NodeJS.Process, 'on' | 'send'>;
type Start = {
  readonly config: GatewayConfig;
  /** By which ways notices can be sent. */
  readonly notices: NoticeConfig;
  readonly log: Logger;
  readonly channel: Channel;
  readonly exit: (code: number) => void;
};

/** Everything but the port: the routes and the wall on an app that does not listen yet. */
function assemble(config: GatewayConfig, log: Logger, send: (message: GatewayToCore) => void) {
  const app = App();
  const link = new CoreLink(send, monoMs);
  const metrics = new GatewayMetrics();
  const sessions = new Sessions(link, Date.now, monoMs);
  const guard = new Guard(config, sessions, monoMs);
  const publish: Publish = (topic, message) => void app.publish(topic, message, typeof message !== 'string');
  const hub = new WallHub(new WallImage(), publish, monoMs);
  const outlet: Outlet = {
    common: (request) => securityHeaders(config, request.header.host),
    counted: (method, route, status) => metrics.requests.inc({ method, route, status }),
    failed: (error, request) => log.error({ err: error, method: request.method, path: request.path }, 'request failed'),
  };
  const ended = (tokenHash: string): void => hub.endSessions(tokenHash);
  const renewed = (tokenHash: string, session: Session): void => hub.renewSession(tokenHash, session);
  const session = new SessionRoutes({ config, link, sessions, guard, monoMs, ended, renewed });
  const page = openApi(cookieName(config.secureCookies));
  const routes: Route[] = [
    ...sessionRoutes(session),
    ...opRoutes(link, guard, Date.now),
    { method: 'POST', path: SHARED_PATH, handler: sharedHandler(link, guard, monoMs) },
    { method: 'GET', path: '/api/openapi.json', handler: () => json(200, page) },
    { method: 'GET', path: '/healthz', handler: healthHandler(link, guard) },
    { method: 'GET', path: '/metrics', handler: metricsHandler(link, guard, metrics) },
  ];
  mountWall(app, { config, guard, hub, link, outlet, monoMs });
  mount(app, routes, staticHandler(readAssets(config.uiDir)), outlet);
  return { app, link, hub, sessions, metrics };
}

/** Frames at the fixed rate, with the time each pulse took to get there. */
function pacedFrames(hub: WallHub, metrics: GatewayMetrics): Pace {
  const timers = { nowMs: monoMs, after: (delayMs: number, run: () => void) => void setTimeout(run, delayMs) };
  return new Pace(FRAME_INTERVAL_MS, timers, () => {
    const pulses = hub.publishFrames();
    const nowMs = monoMs();
    for (const atMs of pulses) metrics.pulseToWall.observe(Math.max(0, nowMs - atMs) / 1000);
  });
}

/** Ends when the last answer is out, one look later, so that it and the last words of the walls have left. */
function exitWhenIdle(link: CoreLink, exit: (code: number) => void): void {
  setTimeout(() => exit(0), STOP_MS_MAX);
  let idle = false;
  setInterval(() => {
    if (idle) exit(0);
    idle = link.pendingCount === 0;
  }, STOP_LOOK_MS);
}

export function startGateway({ config, notices, log, channel, exit }: Start): void {
  const send = (message: GatewayToCore): void => {
    // A closed channel is told by `disconnect`, which ends this process.
    channel.send?.(message, undefined, undefined, () => undefined);
  };
  const { app, link, hub, sessions, metrics } = assemble(config, log, send);
  const frames = pacedFrames(hub, metrics);
  const sender = noticeSender(notices, Date.now);

  let listening: us_listen_socket | null = null;
  const stop = (): void => {
    if (listening !== null) us_listen_socket_close(listening);
    listening = null;
    hub.shutdown();
    exitWhenIdle(link, exit);
  };
  const receive = (message: CoreToGateway): void => {
    link.heard();
    switch (message.type) {
      case 'begin':
        return hub.begin(message.layout, message.alarmSeq, message.alarms);
      case 'wall':
        if (hub.takeBatch(message)) frames.changed();
        return send({ type: 'wallAck', batch: message.batch, restMs: frames.restMs });
      case 'alarm':
        return hub.takeAlarm(message.alarm);
      case 'status':
        return hub.takeStatus(message.status);
      case 'outcome':
      case 'answer':
        return link.settle(message);
      case 'sessionsEnded':
        for (const tokenHash of message.tokenHashes) {
          sessions.forget(tokenHash);
          hub.endSessions(tokenHash);
        }
        return;
      case 'deliver':
        void sender.send(message.notice).then((delivered) => send({ type: 'delivered', delivered }));
        return;
      case 'stop':
        return stop();
      default:
        return assertNever(message);
    }
  };
  channel.on('message', (message: unknown) => receive(coreToGatewaySchema.parse(message)));
  // Without its core the gateway knows nothing and may do nothing; the next core forks its own.
  channel.on('disconnect', () => exit(0));
  channel.on('SIGTERM', stop);
  setInterval(() => {
    send({ type: 'heartbeat', wallClients: hub.clientCount });
    metrics.wallClients.set(hub.clientCount);
    hub.statusDue(link.alive);
    // The next frames take it along. Where none go out it goes by itself, without making the frames behind it wait.
    setTimeout(() => hub.publishStatus(), FRAME_INTERVAL_MS);
    hub.sweep();
  }, HEARTBEAT_MS);
  setInterval(() => void recheck(hub, sessions), RECHECK_MS);

  const listen = (port: number): void => {
    app.listen(config.host, port, LIBUS_LISTEN_EXCLUSIVE_PORT, (socket) => {
      if (socket === false) {
        process.stderr.write(`wattroom gateway: cannot listen on ${config.host}:${port}; is it taken?\n`);
        return exit(1);
      }
      listening = socket;
      log.info({ host: config.host, port, wall: WALL_PATH }, 'listening');
      send({ type: 'ready', port });
    });
  };
  if (config.port === 0) void freePort(config.host).then(listen);
  else listen(config.port);
}

/** A wall that is open is a session in use; one whose session was revoked is closed. */
async function recheck(hub: WallHub, sessions: Sessions): Promise<void> {
  for (const tokenHash of hub.tokenHashes) {
    try {
      if ((await sessions.byHash(tokenHash)) === null) hub.endSessions(tokenHash);
    } catch (error) {
      if (!(error instanceof CoreAway)) throw error;
      // Nobody can be asked now: the wall says that the core is away, and the next round asks again.
      return;
    }
  }
}
