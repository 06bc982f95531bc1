import { wrongRegion } from '../key-region.ts';
import { SERVICE_KEY, UNDER_SERVICE_KEY } from '../stores/logstore.ts';
import type { Mistake, ProviderTraits } from './provider.ts';

export const ALIBABA: ProviderTraits = {
  provider: 'alibaba',
  cloudName: 'Alibaba Cloud',
  partitionOf: () => undefined,
  accountMistake: alibabaAccountMistake,
  hasDefaultRegion: false,
  regionMistake: alibabaRegionMistake,
  keyMistake: cmkMistake,
  storedKeyMistake: cmkIdMistake,
  keyOf: (option) => parseCmk(option)?.id ?? option,
  isKeyItself: () => true,
  serviceKey: { id: SERVICE_KEY, reason: UNDER_SERVICE_KEY },
  roleOption: { name: 'sls-role-arn', what: 'the RAM role by which SLS uses the key' },
  simulatesCaller: false,
  ownOptions: ['sls-role-arn', 'service-key', 'confirm-irreversible'],
  symmetricSpec: 'Aliyun_AES_256',
  encryptUsage: 'ENCRYPT/DECRYPT',
  enableCommand: (key) => `aliyun kms EnableKey --KeyId ${key}`,
  cancelDeletionCommand: (key) => `aliyun kms CancelKeyDeletion --KeyId ${key}`,
  logInFix:
    'set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET to an access key that works, and ALIBABA_CLOUD_SECURITY_TOKEN to its token if it has one',
  endpointVariables: ['LOGSEAL_SLS_ENDPOINT', 'LOGSEAL_ALIBABA_KMS_ENDPOINT', 'LOGSEAL_ALIBABA_RAM_ENDPOINT'],
  undoOption: ' --provider alibaba',
};

/** Only `--sls-role-arn` names the account, so it may be unknown. */
function alibabaAccountMistake(text: string): Mistake {
  if (/^\d{0,20}$/.test(text)) return undefined;
  return `expected the id of an account of Alibaba Cloud, got ${JSON.stringify(text)}`;
}

/** Regions such as cn-hangzhou and ap-southeast-1. */
function alibabaRegionMistake(text: string): Mistake {
  if (/^[a-z]{2}(-[a-z0-9]+){1,4}$/.test(text)) return undefined;
  return `expected a Region of Alibaba Cloud such as cn-hangzhou, got ${JSON.stringify(text)}`;
}

/** A CMK: its id, or its ARN, which names the Region too. */
const CMK = /^(?:acs:kms:([a-z0-9-]+):\d{1,20}:key\/)?([A-Za-z0-9][A-Za-z0-9-]{0,127})$/;

/** @returns the id, and the Region where the text names one; undefined when it names no CMK */
export function parseCmk(text: string): { readonly id: string; readonly region: string | undefined } | undefined {
  const [, region, id] = CMK.exec(text) ?? [];
  return id === undefined ? undefined : { id, region };
}

/** @param regions where the Logstores are: the key must be there too */
function cmkMistake(text: string, regions: readonly string[]): Mistake {
  const cmk = parseCmk(text);
  if (!cmk) return `expected the id or the ARN of a CMK of Alibaba Cloud, got ${JSON.stringify(text)}`;
  if (cmk.id === SERVICE_KEY) return 'expected a CMK; for a key of SLS use --service-key';
  const elsewhere = regions.flatMap((region) => wrongRegion(text, cmk.region, region)?.message ?? []);
  return elsewhere.length === 0 ? undefined : elsewhere.join('; ');
}

/** Plans have the id alone. */
function cmkIdMistake(text: string): Mistake {
  if (parseCmk(text)?.id === text) return undefined;
  return `expected the id of a CMK of Alibaba Cloud, got ${JSON.stringify(text)}`;
}

const ROLE_ARN = /^acs:ram::(\d{1,20}):role\/[A-Za-z0-9.-]{1,64}$/;

/** The RAM role by which SLS uses a key. */
export function slsRoleMistake(text: string): Mistake {
  if (ROLE_ARN.test(text)) return undefined;
  return `expected a role ARN such as acs:ram::123456789012:role/NAME, got ${JSON.stringify(text)}`;
}

/** The account in a role ARN; `''` where the text is none. */
export function accountOfRole(text: string | null | undefined): string {
  return ROLE_ARN.exec(text ?? '')?.[1] ?? '';
}
