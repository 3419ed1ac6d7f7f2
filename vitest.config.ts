import { defineConfig } from 'vitest/config';

// node:sqlite says on Node 22 that it is experimental; that one warning is known.
process.env['NODE_OPTIONS'] = '--disable-warning=ExperimentalWarning';

/** The kind of a test stands in its name; each kind has its own time limit. */
const project = (kind: string, testTimeout: number, globalSetup: string[] = []) => ({
  test: { name: kind, include: [`test/**/*.${kind}.test.ts`], testTimeout, hookTimeout: testTimeout, globalSetup },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', 20_000),
      project('int', 60_000),
      project('sim', 300_000),
      project('e2e', 300_000, ['test/ui/build.ts']),
    ],
  },
});
