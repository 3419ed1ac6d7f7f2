/** What the core must know of a model beyond its registers (which only the lines know). Secondary side. */
import type { ProfileName, Utility } from '../../../protocol/site.ts';

export type Model = {
  readonly utility: Utility;
  /** Smallest step of the index, Wh or litres. */
  readonly step: number;
  /** One past the greatest index, Wh or litres; null where the register does not come round. */
  readonly registerEnd: number | null;
  /** Stays in forced mode while the platform charges (facts, "Forced control": released, it follows its own balance). */
  readonly forcedMode: boolean;
};

/** Acrel: ×0.01 kWh, comes round at 1 000 000 kWh on the display (facts §6, open point: MED). */
const acrel: Model = { utility: 'electricity', step: 10, registerEnd: 1_000_000_000, forcedMode: true };
/** Eastron: float32 kWh, no documented end. */
const eastron: Model = { utility: 'electricity', step: 10, registerEnd: null, forcedMode: false };

export const models: Readonly<Record<ProfileName, Model>> = {
  'acrel-ddsy1352': acrel,
  'acrel-dtsy1352': acrel,
  'eastron-sdm120': eastron,
  'eastron-sdm630': eastron,
  /** float32 m³: one litre until 16 384 m³, facts §1.8. */
  'xintai-valve-water': { utility: 'water', step: 2, registerEnd: null, forcedMode: false },
};
