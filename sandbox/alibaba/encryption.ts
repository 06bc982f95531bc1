import { ServiceError } from '../service-error.ts';
import { type AlibabaCall, parameterInvalid, refuseUnknownFields } from './service.ts';
import { type CmkInfo, cmkMistake, type Encryption, type Logstore } from './state.ts';

/** From the SDK's `UpdateLogStoreEncryptionRequest`. Assumption: `sm4`, which only other sources name, works too. */
const TYPES = 'default m4 sm4 sm4_ecb sm4_cbc sm4_gcm aes_ecb aes_cbc aes_cfb aes_ofb aes_gcm'.split(' ');

/** The encryption fields of a request. */
export interface EncryptionRequest {
  readonly enable?: unknown;
  readonly encryptType?: unknown;
  readonly userCmkInfo?: unknown;
}

/**
 * The encryption of a Logstore after a request. "After you update the encryption configuration of the Logstore, you can
 * modify only the enable parameter in subsequent update requests." Assumptions: the codes and texts, and that a request
 * may repeat the configuration unchanged.
 * @throws ServiceError
 */
export function encryptionAfter(
  call: AlibabaCall & { region: string },
  before: Encryption | undefined,
  { enable, encryptType, userCmkInfo }: EncryptionRequest,
): Encryption {
  if (typeof enable !== 'boolean') throw parameterInvalid('enable is required, true or false');
  const cmk = userCmkInfo === undefined ? undefined : readCmkInfo(userCmkInfo);
  if (before) {
    const isOther =
      (encryptType !== undefined && encryptType !== before.encryptType) || (cmk && !isSame(cmk, before.cmk));
    if (isOther) throw infoInvalid('encrypt_type and user_cmk_info cannot be modified, only enable can');
  }
  const type = before?.encryptType ?? encryptType;
  if (typeof type !== 'string' || !TYPES.includes(type)) {
    throw parameterInvalid(`encryptType is required, one of ${TYPES.join(', ')}`);
  }
  const after = { enable, encryptType: type, cmk: before ? before.cmk : cmk };
  const mistake = after.cmk && (enable || !before) ? cmkMistake(call.cloud, call.region, after.cmk) : undefined;
  if (mistake) throw infoInvalid(mistake);
  return after;
}

/** "If the CMK becomes invalid, all reads and writes of the Logstore fail." Assumption: the code. @throws ServiceError */
export function requireReadable({ cloud, region }: AlibabaCall & { region: string }, { encryption }: Logstore): void {
  const mistake = encryption?.enable && encryption.cmk ? cmkMistake(cloud, region, encryption.cmk) : undefined;
  if (mistake) throw infoInvalid(mistake);
}

function readCmkInfo(value: unknown): CmkInfo {
  const { keyId, roleArn, regionId, ...others } = Object(value) as Record<string, unknown>;
  refuseUnknownFields(others);
  if (typeof keyId === 'string' && typeof roleArn === 'string' && typeof regionId === 'string') {
    if (keyId && roleArn && regionId) return { keyId, roleArn, regionId };
  }
  throw parameterInvalid('userCmkInfo needs keyId, roleArn and regionId');
}

function isSame(a: CmkInfo, b: CmkInfo | undefined): boolean {
  return a.keyId === b?.keyId && a.roleArn === b.roleArn && a.regionId === b.regionId;
}

function infoInvalid(message: string): ServiceError {
  return new ServiceError('LogStoreInfoInvalid', message);
}
