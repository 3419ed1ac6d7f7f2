/** A whole Wattroom: virtual meters in this process, core and gateway as real ones, a folder and a store of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alarm, AlarmKind, Status, Tile } from '../../protocol/wall.ts';
import { WallClient } from '../gateway/wall-client.ts';
import { RedisServer } from '../tools/redis.ts';
import { Api } from './api.ts';
import { CoreProcess, type CoreEnv } from './core.ts';
import { Field } from './field.ts';
import { lineSpecs, logins, siteInput, type RoomId, type SiteChoice } from './site.ts';
import { until, within } from './until.ts';

export type SystemChoice = SiteChoice & {
  readonly store?: 'sqlite' | 'redis';
  /** Folder of the built control room. */
  readonly ui?: string;
};

export class System {
  readonly folder = mkdtempSync(join(tmpdir(), 'wattroom-system-'));
  readonly field: Field;
  readonly redis: RedisServer | null;
  readonly api = new Api('');
  core: CoreProcess;
  readonly #ui: string | undefined;
  #wall: WallClient | null = null;

  private constructor(field: Field, redis: RedisServer | null, choice: SystemChoice) {
    this.field = field;
    this.redis = redis;
    this.#ui = choice.ui;
    writeFileSync(this.siteFile, JSON.stringify(siteInput(field.ports, choice)));
    this.core = new CoreProcess(this.env, ['--init', '--site', this.siteFile]);
  }

  /** Everything runs, olga the operator is logged in, the wall is open, every meter has answered once. */
  static async start(choice: SystemChoice = {}): Promise<System> {
    const redis = choice.store === 'redis' ? await RedisServer.start() : null;
    const field = await Field.start(lineSpecs);
    const system = new System(field, redis, choice);
    try {
      system.api.base = await system.core.open();
      await system.login('olga');
      await system.openWall();
      await system.online();
    } catch (error) {
      await system.end();
      throw error;
    }
    return system;
  }

  get siteFile(): string {
    return join(this.folder, 'site-file.json');
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  get env(): CoreEnv {
    return { DATA_DIR: this.dataDir, REDIS_URL: this.redis?.url, UI_DIR: this.#ui };
  }

  async login(name: 'anna' | 'olga' | 'vera'): Promise<void> {
    const login = logins.find((one) => one.name === name);
    if (login === undefined) throw new Error(`nobody is called ${name}`);
    await this.api.login(login);
  }

  get wall(): WallClient {
    if (this.#wall === null) throw new Error('no wall is open');
    return this.#wall;
  }

  /** Opens the wall of the present gateway, with what the last one knew. */
  async openWall(): Promise<WallClient> {
    const old = this.#wall;
    const port = Number(new URL(this.api.base).port);
    const wall = new WallClient({
      ...{ port, cookie: this.api.cookie, alarmSeq: old?.model.alarmSeq ?? null },
      ...(old === null ? {} : { model: old.model }),
    });
    this.#wall = wall;
    const types = (): Set<string> => new Set(wall.messages.map(({ type }) => type));
    const whole = wall.until(() => types().has('snapshot') && types().has('status') && wall.model.alarmSeq !== null);
    await within('a snapshot and the status', whole);
    return wall;
  }

  /** Waits on the messages of the wall. */
  async onWall(what: string, holds: () => boolean, deadlineMs = 20_000): Promise<void> {
    try {
      await within(`on the wall: ${what}`, this.wall.until(holds), deadlineMs);
    } catch (error) {
      const active = [...this.wall.model.alarms.values()].filter((alarm) => alarm.active).map(({ id }) => id);
      throw new Error(`${String(error)} (active alarms: ${active.join(', ')})`, { cause: error });
    }
  }

  online(): Promise<void> {
    return this.onWall('all meters online', () => {
      const counts = this.status?.counts;
      return counts !== undefined && counts.metersOnline === counts.meters && counts.linesUp === counts.lines;
    });
  }

  get status(): Status | null {
    const found = this.wall.messages.findLast((message) => message.type === 'status');
    return found?.type === 'status' ? found.status : null;
  }

  tile(room: RoomId): Tile {
    const tile = this.wall.model.tiles.get(room);
    if (tile === undefined) throw new Error(`the wall has no room ${room}`);
    return tile;
  }

  balanceMicro(room: RoomId): number {
    const { money } = this.tile(room);
    if (money === null) throw new Error(`room ${room} has no wallet`);
    return money.balanceMicro;
  }

  activeAlarm(kind: AlarmKind): Alarm | undefined {
    return [...this.wall.model.alarms.values()].find((alarm) => alarm.kind === kind && alarm.active);
  }

  /** A new core on the same store and folder. */
  async restartCore(): Promise<void> {
    this.core = new CoreProcess(this.env);
    this.api.base = await this.core.open();
    await this.openWall();
    await this.online();
  }

  async healthIs(status: number, deadlineMs = 20_000): Promise<void> {
    await until(`/healthz ${status}`, async () => (await this.api.health()) === status, deadlineMs);
  }

  async end(): Promise<void> {
    this.#wall?.socket.terminate();
    this.redis?.thaw();
    if (!this.core.gone) await this.core.kill9();
    await this.field.stop();
    await this.redis?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
