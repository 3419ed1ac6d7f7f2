/** The site, its lines and the system. */
import { z } from 'zod';
import { homeViewSchema, lineViewSchema, systemViewSchema } from '../views.ts';
import { layoutSchema } from '../wall.ts';
import { everyone, op } from './op.ts';

export const siteOps = {
  getHome: op({
    kind: 'query',
    method: 'GET',
    path: '/api/home',
    who: everyone,
    scope: 'filtered',
    summary: 'States of the meters, and today beside yesterday',
    params: z.strictObject({}),
    result: homeViewSchema,
  }),
  getLayout: op({
    kind: 'query',
    method: 'GET',
    path: '/api/layout',
    who: everyone,
    scope: 'filtered',
    summary: 'Buildings, floors and rooms',
    params: z.strictObject({}),
    result: layoutSchema,
  }),
  getLines: op({
    kind: 'query',
    method: 'GET',
    path: '/api/lines',
    who: everyone,
    scope: 'filtered',
    summary: 'Lines with their figures and meters',
    params: z.strictObject({}),
    result: z.strictObject({ items: z.array(lineViewSchema) }),
  }),
  getSystem: op({
    kind: 'query',
    method: 'GET',
    path: '/api/system',
    who: everyone,
    scope: 'filtered',
    summary: 'Store, ledger, actors, gateway',
    params: z.strictObject({}),
    result: systemViewSchema,
  }),
} as const;
