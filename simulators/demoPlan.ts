import type { FleetPlan } from './plan.ts';

export function loadDemoPlan(rooms: number, seed: number): FleetPlan {
  throw new Error(`a site of ${rooms} rooms, seed ${seed}`);
}
