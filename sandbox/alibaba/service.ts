import { ServiceError } from '../service-error.ts';
import type { AlibabaCloud } from './state.ts';

/** A request as an operation sees it. */
export interface AlibabaCall {
  readonly cloud: AlibabaCloud;
  /** Undefined where nothing in the request names one. */
  readonly region: string | undefined;
  /** Of the Host header. */
  readonly project: string | undefined;
  readonly logstore: string;
  readonly query: Readonly<Record<string, string>>;
  /** Undefined where it holds no JSON object. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export type AlibabaOperations = Readonly<Record<string, (call: AlibabaCall) => unknown>>;

/** SLS's answer to a request that it cannot take. */
export function parameterInvalid(message: string): ServiceError {
  return new ServiceError('ParameterInvalid', message);
}

/** @throws ServiceError that names what the sandbox does not know, rather than to ignore it */
export function refuseStrangers(given: object, ...known: string[]): void {
  const stranger = Object.keys(given).find((name) => !known.includes(name));
  if (stranger) throw parameterInvalid(`${stranger} is not known to the sandbox`);
}
