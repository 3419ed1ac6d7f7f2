import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bench as pulses } from '../../bench/pulses.ts';
import { bench as recovery } from '../../bench/recovery.ts';

const resultSchema = z.strictObject({
  name: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number()])),
  value: z.number().positive(),
  unit: z.string(),
  baseline: z.strictObject({ name: z.string(), value: z.number().positive() }),
  ratio: z.number().positive(),
  goal: z.string().min(1),
  met: z.boolean(),
});

describe('a small run of the bench', () => {
  it.each([pulses, recovery])('$name gives exactly the keys that others read', async (bench) => {
    const result = resultSchema.parse(JSON.parse(JSON.stringify(await bench.run({ smoke: true }))));
    expect(result.name).toBe(bench.name);
  });
});
