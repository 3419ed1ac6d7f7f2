/** The OpenAPI 3.1 page, made from the operations table: nothing in it is written twice. */
import { z } from 'zod';
import { ops, refusals, type OpName } from '../../../protocol/ops.ts';
import {
  CSRF_HEADER,
  IDEMPOTENCY_HEADER,
  loginSchema,
  problemSchema,
  SESSION_PATH,
  SETUP_PATH,
  sessionViewSchema,
  setupSchema,
} from '../../../protocol/session.ts';
import { opNames, routeOf } from './ops.ts';

type Json = Readonly<Record<string, unknown>>;
const VERSION = '1';

/** A JSON Schema of draft 2020-12, the dialect of OpenAPI 3.1. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    // zod's own word; the pattern beside it says the same to everybody.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format === 'starts_with') delete jsonSchema.format;
    },
  });
  return rest;
}

const problemAnswer = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});
const jsonContent = (schema: Json): Json => ({ 'application/json': { schema } });
const jsonAnswer = (description: string, schema: Json): Json => ({ description, content: jsonContent(schema) });
const csrfParameter: Json = {
  name: CSRF_HEADER,
  in: 'header',
  required: true,
  description: 'csrf of GET /api/session',
  schema: { type: 'string' },
};
const idempotencyParameter: Json = {
  name: IDEMPOTENCY_HEADER,
  in: 'header',
  required: true,
  description: 'An id of your own for this change; repeated with the same id it is done once',
  schema: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,80}$' },
};

function fieldsOf(name: OpName): { readonly path: readonly string[]; readonly rest: readonly string[] } {
  const path = routeOf(ops[name].path).params;
  return { path, rest: Object.keys(ops[name].params.shape).filter((field) => !path.includes(field)) };
}

/** Fields in the path and, for a query, in the query string. */
function parametersOf(name: OpName): Json[] {
  const schema = schemaOf(ops[name].params, 'input');
  const properties = z.record(z.string(), z.unknown()).parse(schema['properties'] ?? {});
  const required = z.array(z.string()).parse(schema['required'] ?? []);
  const { path, rest } = fieldsOf(name);
  return [
    ...path.map((field) => ({ name: field, in: 'path', required: true, schema: properties[field] })),
    ...(ops[name].method === 'GET' ? rest : []).map((field) => ({
      name: field,
      in: 'query',
      required: required.includes(field),
      schema: properties[field],
    })),
  ];
}

function bodyOf(name: OpName): Json {
  const { rest } = fieldsOf(name);
  if (ops[name].method === 'GET' || rest.length === 0) return {};
  const shape: Readonly<Record<string, z.core.$ZodType>> = ops[name].params.shape;
  const fields = Object.fromEntries(Object.entries(shape).filter(([field]) => rest.includes(field)));
  const schema = schemaOf(z.strictObject(fields), 'input');
  return { requestBody: { required: true, content: jsonContent(schema) } };
}

const statusesOf = (command: boolean): readonly number[] =>
  [...new Set([401, 403, ...(command ? [400, ...Object.values(refusals)] : [404, 422, 503])])].sort((a, b) => a - b);

function operationOf(name: OpName): Json {
  const { kind, summary, who, result } = ops[name];
  const command = kind === 'command';
  const refused = statusesOf(command).map((status) => [String(status), problemAnswer('Refused')] as const);
  return {
    operationId: name,
    summary,
    description: `Roles: ${who.join(', ')}.`,
    tags: [kind],
    parameters: [...parametersOf(name), ...(command ? [csrfParameter, idempotencyParameter] : [])],
    ...bodyOf(name),
    responses: { '200': jsonAnswer('Done', schemaOf(result, 'output')), ...Object.fromEntries(refused) },
  };
}

const sessionPaths: Json = {
  [SESSION_PATH]: {
    get: {
      operationId: 'getSession',
      summary: 'Who is logged in',
      responses: {
        '200': jsonAnswer('The session', schemaOf(sessionViewSchema, 'output')),
        '401': problemAnswer('Nobody'),
      },
    },
    post: {
      operationId: 'login',
      summary: 'Log in',
      security: [],
      requestBody: { required: true, content: jsonContent(schemaOf(loginSchema, 'input')) },
      responses: {
        '200': jsonAnswer('The session; its cookie is set', schemaOf(sessionViewSchema, 'output')),
        '401': problemAnswer('Name or password is wrong'),
        '429': problemAnswer('Too many attempts'),
      },
    },
    delete: {
      operationId: 'logout',
      summary: 'Log out',
      parameters: [csrfParameter],
      responses: { '204': { description: 'Logged out' }, '401': problemAnswer('Nobody was logged in') },
    },
  },
  [SETUP_PATH]: {
    post: {
      operationId: 'setup',
      summary: 'Make the first administrator, by the one-time link printed at --init',
      security: [],
      requestBody: { required: true, content: jsonContent(schemaOf(setupSchema, 'input')) },
      responses: {
        '201': { description: 'Made' },
        '410': problemAnswer('The link is used up or wrong'),
        '422': problemAnswer('Wrong fields'),
      },
    },
  },
};

export function openApi(cookie: string): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const name of opNames) {
    const { path, method } = ops[name];
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(name) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wattroom',
      version: VERSION,
      description:
        'Money is in micro-yuan (1e-6 yuan, integers) in answers and in decimal yuan (text) in requests; energy in Wh, ' +
        'water in litres, times in ms since 1970. Refusals are problem details (RFC 9457).',
    },
    servers: [{ url: '/' }],
    security: [{ session: [] }],
    paths: { ...sessionPaths, ...paths },
    components: {
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: cookie } },
    },
  };
}
