import { ServiceError } from '../service-error.ts';
import type { AlibabaCall, AlibabaOperations } from './service.ts';
import { alibabaRegion, type Cmk, SPECS, type STATES, USAGES } from './state.ts';
import { newCmk, seconds } from './world.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const HOME = 'cn-hangzhou';

/** Searches the Region that the request names, or else every Region, since key ids are unique. @throws ServiceError */
function keyOf({ cloud, region, query: { KeyId } }: AlibabaCall): Cmk {
  const regions = region === undefined ? [...cloud.regions.values()] : [alibabaRegion(cloud, region)];
  const keys = regions.flatMap((one) => [...one.keys.values()]);
  if (!KeyId) throw new ServiceError('MissingParameter', 'The parameter KeyId is needed but not provided.');
  const key = keys.find((one) => one.KeyId === KeyId || one.Arn === KeyId);
  if (key) return key;
  throw new ServiceError('Forbidden.KeyNotFound', 'The specified Key is not found.', 404);
}

/** The fields in `rest` are fixed, because nothing here reads them. */
function metadataOf(cloud: AlibabaCall['cloud'], key: Cmk) {
  const rest = { Origin: 'Aliyun_KMS', ProtectionLevel: 'SOFTWARE', DeletionProtection: 'Disabled' };
  return { KeyMetadata: { ...key, Creator: cloud.account, ...rest } };
}

/** When the request names no Region, the key is created in the first Region of the world. */
function createKey({ cloud, region, query }: AlibabaCall) {
  const { KeySpec = 'Aliyun_AES_256', KeyUsage = 'ENCRYPT/DECRYPT', Description = '', Origin } = query;
  const regionId = region ?? cloud.regions.keys().next().value ?? HOME;
  const { keys } = alibabaRegion(cloud, regionId);
  const key = newCmk(cloud, regionId, `created-${keys.size}`, {
    Description,
    KeySpec: oneOf(SPECS, KeySpec, 'KeySpec'),
    KeyUsage: oneOf(USAGES, KeyUsage, 'KeyUsage'),
    KeyState: Origin === 'EXTERNAL' ? 'PendingImport' : 'Enabled',
  });
  keys.set(key.KeyId, key);
  return metadataOf(cloud, key);
}

function oneOf<const T extends string>(known: readonly T[], value: string, field: string): T {
  const found = known.find((one) => one === value);
  if (found) return found;
  throw new ServiceError('InvalidParameter', `The specified parameter ${field} is not valid.`);
}

/** Assumptions: the code, and that only an enabled or disabled key can change its state. */
function switchTo(call: AlibabaCall, state: (typeof STATES)[number]): void {
  const key = keyOf(call);
  if (key.KeyState !== 'Enabled' && key.KeyState !== 'Disabled') {
    throw new ServiceError(`Rejected.${key.KeyState}`, `The key state is ${key.KeyState}.`, 409);
  }
  key.KeyState = state;
}

/** Key Management Service, as far as SLS needs it. */
export const kms: AlibabaOperations = {
  CreateKey: createKey,
  DescribeKey: (call) => metadataOf(call.cloud, keyOf(call)),
  EnableKey: (call) => switchTo(call, 'Enabled'),
  DisableKey: (call) => switchTo(call, 'Disabled'),
  ScheduleKeyDeletion(call) {
    const { PendingWindowInDays = '' } = call.query;
    const days = Number(PendingWindowInDays);
    const isOutside = !/^\d+$/.test(PendingWindowInDays) || days < 7 || days > 366;
    if (isOutside) throw new ServiceError('InvalidParameter', 'PendingWindowInDays must be from 7 to 366.');
    switchTo(call, 'PendingDeletion');
    keyOf(call).DeleteDate = seconds(new Date(call.cloud.now().getTime() + days * DAY_MS));
  },
};
