/** The browser of a test file: opened before its tests, its pages closed after each, closed in the end. */
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Stage } from '../ui/browser.ts';

/** After each test pages may have complained of nothing but what is `expected`. */
export function stageForTests(expected: (complaint: string) => boolean = () => false): Stage {
  const stage = new Stage();
  beforeAll(() => stage.open());
  afterEach(async () => {
    await stage.endPages();
    expect(stage.complaints.splice(0).filter((complaint) => !expected(complaint))).toEqual([]);
  });
  afterAll(() => stage.close());
  return stage;
}
