/** What an operator does with an alarm. */
import type { Routes } from './route.ts';

export const alarmRoutes: Routes<'acknowledgeAlarms' | 'shelveAlarm' | 'unshelveAlarm'> = {
  acknowledgeAlarms: (_core, { ids }, request) => ({ to: 'alarms', message: { type: 'Acknowledge', ids, request } }),
  shelveAlarm: (_core, { alarm, reason, minutes }, request) => ({
    to: 'alarms',
    message: { type: 'Shelve', id: alarm, reason, minutes, request },
  }),
  unshelveAlarm: (_core, { alarm }, request) => ({ to: 'alarms', message: { type: 'Unshelve', id: alarm, request } }),
};
