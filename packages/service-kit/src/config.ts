import type { z } from 'zod';
import { ServiceError } from './errors.js';
import { isSecretName } from './secrets.js';

/**
 * Checks `values` against a schema and fills its defaults.
 *
 * @param what names the configuration in the error, for example "ingest".
 * @throws ServiceError `bad_config` that names every offending field, what was
 *   expected and what was found (values of secret fields are not shown).
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  values: unknown,
  what: string,
): z.output<Schema> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const field = issue.path.length === 0 ? '(whole)' : issue.path.map(String).join('.');
    return `${field}: ${issue.message}; found ${describe(values, issue.path)}`;
  });
  throw new ServiceError('bad_config', `Bad ${what} configuration: ${problems.join('. ')}`, {
    cause: result.error,
  });
}

function describe(values: unknown, path: readonly PropertyKey[]): string {
  if (path.some((part) => isSecretName(String(part)))) return '[redacted]';
  let found = values;
  for (const part of path) {
    if (typeof found !== 'object' || found === null) return 'nothing';
    found = Reflect.get(found, part);
  }
  if (found === undefined) return 'nothing';
  if (typeof found === 'string') return JSON.stringify(found.slice(0, 80));
  if (typeof found === 'object' && found !== null)
    return Array.isArray(found) ? 'a list' : 'an object';
  return String(found);
}
