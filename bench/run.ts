/** `npm run bench -- <name> [--json]`; `--smoke` runs every bench small. */
import { parseArgs } from 'node:util';
import type { Bench, BenchResult } from './bench.ts';

const loaders: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  pulses: () => import('./pulses.ts'),
  line: () => import('./line.ts'),
  command: () => import('./command.ts'),
  fanout: () => import('./fanout.ts'),
  recovery: () => import('./recovery.ts'),
  wall: () => import('./wall.ts'),
  memory: () => import('./memory.ts'),
  import: () => import('./import.ts'),
  open: () => import('./open.ts'),
  whatif: () => import('./whatif.ts'),
};

function print(result: BenchResult): void {
  const round = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));
  console.log(
    `${result.name}  ${Object.entries(result.parameters)
      .map(([key, value]) => `${key}=${typeof value === 'number' ? round(value) : value}`)
      .join('  ')}`,
  );
  console.log(`  figure    ${round(result.value)} ${result.unit}`);
  console.log(`  baseline  ${round(result.baseline.value)} ${result.unit}  (${result.baseline.name})`);
  console.log(`  ratio     ${round(result.ratio)}   goal ${result.goal}: ${result.met ? 'met' : 'NOT met'}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, smoke: { type: 'boolean', default: false } },
  });
  const names = positionals.length > 0 ? positionals : values.smoke ? Object.keys(loaders) : [];
  if (names.length === 0) throw new Error(`which bench? ${Object.keys(loaders).join(', ')}`);
  for (const name of names) {
    const load = loaders[name];
    if (!load) throw new Error(`there is no bench ${name}; there are: ${Object.keys(loaders).join(', ')}`);
    const { bench } = await load();
    const result = await bench.run({ smoke: values.smoke });
    if (values.json) console.log(JSON.stringify(result));
    else if (values.smoke) console.log(`${name}: ran`);
    else print(result);
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exit(1);
  },
);
