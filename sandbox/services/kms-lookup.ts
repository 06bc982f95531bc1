import { parseArn } from '../../lib/domain/arn.ts';
import { readPageToken, writePageToken } from '../page-token.ts';
import { accessDenied } from '../rights.ts';
import { brokenConstraint, ServiceError } from '../service-error.ts';
import { type Alias, type Key, kmsArn, regionState } from '../state.ts';
import type { Call } from './service.ts';

/**
 * Finds a key by its id or ARN.
 * @param reach OWN: the caller's account; EVERY: any account; ANY: any account, and aliases too
 * @throws ServiceError
 */
export function keyOf(call: Call, keyId = '', reach: 'OWN' | 'EVERY' | 'ANY' = 'OWN'): Key {
  const { account, resource } = placeOf(call, keyId);
  if (account !== call.account && reach === 'OWN') throw accessDenied(call, call.name, keyId, 'resource');
  if (resource.startsWith('alias/') && reach !== 'ANY') {
    if (keyId === resource) throw notFound(`Invalid keyId '${keyId}'`); // Assumption: the same as for any text that is not an id.
    throw new ServiceError('InvalidArnException', 'Key Aliases are not supported for this operation');
  }
  const id = resource.startsWith('alias/')
    ? aliasOf(call, resource, account).TargetKeyId
    : resource.replace('key/', '');
  const key = regionState(call.cloud, account, call.region).keys.get(id);
  if (!key && !/^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.test(id))
    throw notFound(`Invalid keyId '${id}'`);
  // Assumption: also for a key of another account, where AWS may return AccessDeniedException instead.
  if (!key) throw notFound(`Key '${kmsArn(account, call.region, `key/${id}`)}' does not exist`);
  return key;
}

function placeOf(call: Call, text: string): { account: string; resource: string } {
  if (!text.startsWith('arn:')) return { account: call.account, resource: text };
  const arn = parseArn(text);
  if (arn?.service !== 'kms' || !/^(key|alias)\//.test(arn.resource)) {
    throw new ServiceError('InvalidArnException', `Invalid arn ${text}`); // Assumption: the text.
  }
  if (arn.region !== call.region) throw notFound(`Invalid arn ${arn.region}`);
  return arn;
}

/** @throws ServiceError when there is no such alias */
export function aliasOf(call: Call, name = '', account = call.account): Alias {
  const alias = regionState(call.cloud, account, call.region).aliases.get(name);
  if (alias) return alias;
  throw notFound(`Alias ${kmsArn(account, call.region, name)} is not found.`);
}

/** @throws ServiceError when a number is out of its range */
export function requireBetween(value: number, field: string, min: number, max: number): void {
  if (value >= min && value <= max) return;
  throw new ServiceError('ValidationException', brokenConstraint(value, field, `be between ${min} and ${max}`));
}

/** One page of a listing by markers. @throws ServiceError */
export function pageOf<T>(call: Call, items: readonly T[], limit: number, marker: string | undefined) {
  const scope = [call.account, call.region, call.name];
  const start = marker === undefined ? '0' : readPageToken(scope, marker, call.cloud.now());
  if (start === undefined) throw new ServiceError('InvalidMarkerException', 'The marker is not valid.'); // Assumption: the text.
  const end = Number(start) + limit;
  const page = items.slice(Number(start), end);
  if (end >= items.length) return { page, mark: { Truncated: false } };
  return { page, mark: { Truncated: true, NextMarker: writePageToken(scope, String(end), call.cloud.now()) } };
}

/** KMS's error when the state of a key forbids an operation, for instance "… is pending deletion." */
export function invalidState(key: Key, state: string = key.KeyState): ServiceError {
  const inWords = state.replace(/\B[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
  return new ServiceError('KMSInvalidStateException', `${key.Arn} is ${inWords}.`);
}

function notFound(message: string): ServiceError {
  return new ServiceError('NotFoundException', message);
}
