import * as v from 'valibot';
import { ServiceError } from '../service-error.ts';

/**
 * Reads a request. A field that its schema does not have is refused, since it would change the answer.
 * @throws ServiceError with the name of the service's own error, and every mistake
 */
export function readInput<Schema extends v.GenericSchema>(schema: Schema, input: unknown, errorName: string) {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output as v.InferOutput<Schema>;
  const mistakes = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'request'}: ${issue.message}`);
  throw new ServiceError(errorName, `The request is not valid. ${mistakes.join('; ')}`);
}
