/** Answers for setting a site up. */
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import type { OpOutcome, OpResult } from '../../../protocol/ops.ts';
import type { Transport } from '../../../protocol/site.ts';
import { siteImportViewSchema } from '../../../protocol/siteImport.ts';
import { allowedHost } from '../networks.ts';
import type { Core } from '../core.ts';
import { durable, found, pageOf, type Answers } from './answer.ts';

const CONNECT_MS_MAX = 3_000;

export const setupAnswers: Answers<'getSetup' | 'testLine' | 'stageRows' | 'checkRows' | 'getImports'> = {
  stageRows: ({ core }, params) => core.siteImports.stage(params),
  checkRows: async ({ core }, params) => {
    const answer = await core.siteImports.check(params);
    return durable(core, () => answer);
  },
  getImports: async ({ core }, page) =>
    found<'getImports'>(await pageOf(core, { kind: 'siteImport', index: 'all' }, page, siteImportViewSchema)),
  getSetup: ({ core }) => durable(core, () => setup(core)),
  testLine: ({ core }, { transport }) => testLine(core, transport),
};

function setup(core: Core): OpOutcome {
  const { directory } = core;
  const byPosition = (a: { position: number }, b: { position: number }): number => a.position - b.position;
  const floors = directory
    .all('floor')
    .filter(({ removed }) => !removed)
    .sort(byPosition);
  const result: OpResult<'getSetup'> = {
    buildings: directory
      .all('building')
      .filter(({ removed }) => !removed)
      .sort(byPosition)
      .map(({ id, name }) => ({
        ...{ id, name },
        floors: floors
          .filter(({ building }) => building === id)
          .map((floor) => ({ id: floor.id, name: floor.name, rooms: floor.rooms })),
      })),
    lines: directory
      .all('line')
      .sort(byPosition)
      .map(({ position: _position, ...line }) => line),
    meters: [...core.meters.values()].flatMap(({ state }) => state.config ?? []),
    networks: [...core.options.networks],
  };
  return found<'getSetup'>(result);
}

async function testLine(core: Core, transport: Transport): Promise<OpOutcome> {
  const { clock } = core.options;
  const startMono = clock.mono();
  const answer = (why: string): OpOutcome =>
    found<'testLine'>({ reached: why === '', why, tookMs: Math.round(clock.mono() - startMono) });
  if (transport.kind === 'serial')
    return access(transport.path).then(
      () => answer(''),
      (error: NodeJS.ErrnoException) => answer(error.code ?? 'unknown'),
    );
  const { host, port } = transport;
  if (!allowedHost(core, host))
    return {
      ok: false,
      refusal: 'invalid',
      detail: `transport.host: an address in ${core.options.networks.join(', ')}`,
    };
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS_MAX });
    const done = (why: string): void => {
      socket.destroy();
      resolve(answer(why));
    };
    socket.once('connect', () => done(''));
    socket.once('timeout', () => done('ETIMEDOUT'));
    socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? 'unknown'));
  });
}
