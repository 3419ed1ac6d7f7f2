import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ops } from '../../protocol/ops.ts';
import { openApi } from '../../server/gateway/http/openapi.ts';
import { opNames } from '../../server/gateway/http/ops.ts';

const content = z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }));
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  description: z.string().optional(),
  schema: z.record(z.string(), z.unknown()),
});
const operation = z.strictObject({
  operationId: z.string(),
  summary: z.string(),
  description: z.string().optional(),
  tags: z.array(z.string()).optional(),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  parameters: z.array(parameter).optional(),
  requestBody: z.strictObject({ required: z.boolean(), content }).optional(),
  responses: z.record(
    z.string().regex(/^[1-5]\d\d$/),
    z.strictObject({ description: z.string().min(1), content: content.optional() }),
  ),
});
/** The parts of OpenAPI 3.1.0 (§4.8) this page uses, closed, so that a misspelt field shows. */
const document = z.strictObject({
  openapi: z.literal('3.1.0'),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.string() })),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  paths: z.record(z.string().startsWith('/'), z.record(z.string().regex(/^(get|post|delete)$/), operation)),
  components: z.strictObject({
    schemas: z.record(z.string(), z.record(z.string(), z.unknown())),
    securitySchemes: z.record(
      z.string(),
      z.strictObject({ type: z.literal('apiKey'), in: z.literal('cookie'), name: z.string() }),
    ),
  }),
});
const text = JSON.stringify(openApi('__Host-wattroom'));
const page: unknown = JSON.parse(text);
const operations = (): z.infer<typeof operation>[] =>
  Object.values(document.parse(page).paths).flatMap((methods) => Object.values(methods));

describe('the OpenAPI page', () => {
  it('has the shape OpenAPI 3.1 asks for', () => {
    expect(document.safeParse(page).error?.issues ?? []).toEqual([]);
  });

  it('has each operation of the table once, at its address, with what it takes', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const name of opNames) {
      const found = operations().find(({ operationId }) => operationId === name);
      const { path, method, kind, params } = ops[name];
      expect(text).toContain(JSON.stringify(path));
      const named = new Set(found?.parameters?.map((each) => `${each.in} ${each.name}`));
      for (const [, field] of path.matchAll(/\{(\w+)\}/g)) expect(named).toContain(`path ${field}`);
      expect(named.has('header Idempotency-Key')).toBe(kind === 'command');
      expect(named.has('header X-CSRF-Token')).toBe(kind === 'command');
      const rest = Object.keys(params.shape).filter((field) => !path.includes(`{${field}}`));
      const body = found?.requestBody?.content['application/json']?.schema['properties'];
      if (method === 'GET') for (const field of rest) expect(named).toContain(`query ${field}`);
      else expect(Object.keys(body ?? {})).toEqual(rest);
      expect(found?.responses['200']?.content).toBeDefined();
      expect(found?.responses['401']?.content).toBeDefined();
    }
    expect(ids).toEqual(expect.arrayContaining(['getSession', 'login', 'logout', 'setup']));
  });

  it('holds only schemas a JSON Schema 2020-12 validator takes, and they judge as the API does', () => {
    const ajv = new Ajv2020({ strict: false });
    const schemas = operations().flatMap((each) => [
      ...(each.parameters ?? []).map(({ schema }) => schema),
      ...[each.requestBody?.content, ...Object.values(each.responses).map((response) => response.content)].flatMap(
        (media) => Object.values(media ?? {}).map(({ schema }) => schema),
      ),
    ]);
    expect(schemas.length).toBeGreaterThan(opNames.length);
    for (const schema of schemas) {
      if (typeof schema['$ref'] === 'string') expect(schema['$ref']).toBe('#/components/schemas/Problem');
      else expect(() => ajv.compile(schema)).not.toThrow();
    }
    const recharge = operations().find(({ operationId }) => operationId === 'recharge');
    const valid = ajv.compile(recharge?.requestBody?.content['application/json']?.schema ?? {});
    expect(valid({ amount: '50.00', channel: 'cash' })).toBe(true);
    for (const wrong of [
      {},
      { amount: '50.001', channel: 'cash' },
      { amount: '5', channel: 'x' },
      { amount: '5', channel: 'cash', x: 1 },
    ]) {
      expect(valid(wrong)).toBe(false);
    }
  });
});
