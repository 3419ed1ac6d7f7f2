/** From the parts of a request to the parameters of an operation. */
import { z } from 'zod';
import type { GatewayRequest } from './exchange.ts';
import { RequestRefused, type FieldError } from './problem.ts';

const fieldErrors = (error: z.ZodError): FieldError[] =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is not a known field' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  );

function refuseFields(errors: readonly FieldError[]): never {
  const named = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  throw new RequestRefused('invalid', named.join('; '), { errors });
}

/** Throws `RequestRefused` with each wrong field. */
export function decode<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) refuseFields(fieldErrors(parsed.error));
  return parsed.data;
}

const bodySchema = z.record(z.string(), z.unknown());

/** The JSON object of a body; an empty body is an empty object. */
export function jsonBody(request: GatewayRequest): Record<string, unknown> {
  if (request.body.length === 0) return {};
  if (!/^application\/json\s*(;|$)/i.test(request.header['content-type'])) {
    throw new RequestRefused('notJson', 'Send Content-Type: application/json.');
  }
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new RequestRefused('malformed', 'The body is not JSON.');
  }
  const body = bodySchema.safeParse(value);
  if (!body.success) throw new RequestRefused('malformed', 'The body is not a JSON object.');
  return body.data;
}

function pathValues(request: GatewayRequest): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(request.pathParams).map(([k, v]) => [k, decodeURIComponent(v)]));
  } catch {
    throw new RequestRefused('malformed', 'The path is not well-formed percent-encoding.');
  }
}

/** `{name}` parts from the path, the rest from the query (GET) or the body; a field given twice is refused. */
export function rawParams(request: GatewayRequest): Record<string, unknown> {
  const fields = new Map<string, unknown>(Object.entries(pathValues(request)));
  const rest = request.method === 'GET' ? [...new URLSearchParams(request.query)] : Object.entries(jsonBody(request));
  for (const [name, value] of rest) {
    if (fields.has(name)) refuseFields([{ path: name, message: 'is given twice' }]);
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}
