/** Rules of the site about switching and warning, and what of them an account may have otherwise. */
import { z } from 'zod';
import { utilities } from '../site.ts';
import { siteRulesFormSchema } from '../siteRules.ts';
import { everyone, id, managers, ok, op } from './op.ts';

export const rulesOps = {
  getSiteRules: op({
    kind: 'query',
    method: 'GET',
    path: '/api/site-rules',
    who: everyone,
    scope: 'open',
    summary: 'Quiet hours and days, warning before a cut, mass-cut limit and the like',
    params: z.strictObject({}),
    result: siteRulesFormSchema,
  }),
  setSiteRules: op({
    kind: 'command',
    method: 'POST',
    path: '/api/site-rules',
    who: managers,
    scope: 'site',
    // The state of empty rooms and the limit of a mass cut are among them.
    reauth: true,
    summary: 'Set these rules, all of them; needs a second person where that is in force',
    params: siteRulesFormSchema,
    result: ok,
  }),
  setArrearsCut: op({
    kind: 'command',
    method: 'POST',
    path: '/api/accounts/{account}/arrears-cut',
    who: managers,
    summary: 'Which utilities empty wallets of this account cut; null: as the site has it',
    params: z.strictObject({ account: id, utilities: z.array(z.enum(utilities)).max(utilities.length).nullable() }),
    result: ok,
  }),
} as const;
