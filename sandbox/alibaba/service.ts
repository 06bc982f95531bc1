import { ServiceError } from '../service-error.ts';
import type { AlibabaCloud } from './state.ts';

/** A request as an operation receives it. */
export interface AlibabaCall {
  readonly cloud: AlibabaCloud;
  /** Undefined when the request names no Region. */
  readonly region: string | undefined;
  /** From the Host header. */
  readonly project: string | undefined;
  readonly logstore: string;
  readonly query: Readonly<Record<string, string>>;
  /** Undefined when it is not a JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export type AlibabaOperations = Readonly<Record<string, (call: AlibabaCall) => unknown>>;

/** SLS's error for an invalid request. */
export function parameterInvalid(message: string): ServiceError {
  return new ServiceError('ParameterInvalid', message);
}

/** Refuses fields that the sandbox would otherwise ignore. @throws ServiceError that names the first one */
export function refuseUnknownFields(given: object, ...known: string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown) throw parameterInvalid(`${unknown} is not known to the sandbox`);
}
