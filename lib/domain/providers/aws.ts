import { parseArn } from '../arn.ts';
import { partitionOfRegion } from '../partition.ts';
import type { Mistake, ProviderTraits } from './provider.ts';

export const AWS: ProviderTraits = {
  provider: 'aws',
  cloudName: 'AWS',
  partitionOf: (region) => partitionOfRegion(region)?.name,
  accountMistake,
  regionMistake,
  hasDefaultRegion: true,
  keyMistake,
  storedKeyMistake: keyArnMistake,
  keyOf: (option) => option,
  isKeyItself: (text) => parseArn(text)?.resource.startsWith('key/') ?? false,
  serviceKey: null,
  roleOption: null,
  simulatesCaller: true,
  ownOptions: [
    'query-results',
    'profile',
    'account',
    'journal-table',
    'org-id',
    'no-caller-check',
    'canary',
    'watch',
    'role-name',
    'external-id',
    'organization',
    'organizational-unit',
    'all-regions',
  ],
  symmetricSpec: 'SYMMETRIC_DEFAULT',
  encryptUsage: 'ENCRYPT_DECRYPT',
  enableCommand: (key) => kmsCommand('enable-key', key),
  cancelDeletionCommand: (key) => kmsCommand('cancel-key-deletion', key),
  logInFix:
    'log in again if the credentials have expired; otherwise check the access key, or the profile (--profile, AWS_PROFILE): aws sts get-caller-identity shows whether AWS accepts them',
  endpointVariables: ['AWS_ENDPOINT_URL'],
  undoOption: '',
};

/** Checked by its form only: AWS knows which Regions exist. */
export function regionMistake(text: string): Mistake {
  if (/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(text)) return undefined;
  return `expected a Region such as eu-west-1, got ${JSON.stringify(text)}`;
}

/** Checked by its form only. */
export function accountMistake(text: string): Mistake {
  return /^\d{12}$/.test(text) ? undefined : `expected an account id of twelve digits, got ${JSON.stringify(text)}`;
}

/** The name of an IAM role, with its path if it has one (IAM API, `CreateRole`). */
export function roleNameMistake(text: string): Mistake {
  const isOfArn = /^(arn:|role\/)/.test(text);
  if (!isOfArn && /^([!-.0-~]+\/)*[\w+=,.@-]{1,64}$/.test(text)) return undefined;
  const hint = isOfArn ? ', without what is before it in its ARN' : '';
  return `expected the name of an IAM role, such as logseal-member${hint}, got ${JSON.stringify(text)}`;
}

/** An external id as STS takes it (STS API, `AssumeRole`). */
export function externalIdMistake(text: string): Mistake {
  const isRight = /^[\w+=,.@:/-]{2,1224}$/.test(text);
  return isRight ? undefined : `expected 2 to 1,224 letters, digits and + = , . @ : / - _, got ${JSON.stringify(text)}`;
}

/** A service principal of CloudWatch Logs with its Region. Checked by its form only. */
export function logsPrincipalMistake(text: string): Mistake {
  const [service, region = '', ...suffix] = text.split('.');
  const isRight = service === 'logs' && !regionMistake(region) && /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(suffix.join('.'));
  return isRight ? undefined : `expected a service principal such as logs.REGION.SUFFIX, got ${JSON.stringify(text)}`;
}

/** KMS API, `CreateAlias`: an alias has 1 to 256 of these characters, `alias/` included. */
export const ALIAS_NAME = /^alias\/[A-Za-z0-9/_-]{1,250}$/;
/** The names that KMS keeps for the keys that AWS manages (KMS API, `CreateAlias`). */
const AWS_ALIAS = /^alias\/aws\//;
const KEY_RESOURCE = /^key\/[A-Za-z0-9-]{1,128}$/;
const BARE_ID = /^[0-9a-f-]{36}$|^mrk-/;

/** A KEY: `alias/NAME`, an alias ARN or a key ARN, but no alias of a key that AWS manages. */
export function keyMistake(text: string): Mistake {
  const arn = parseArn(text);
  const isKms = arn?.service === 'kms' && !regionMistake(arn.region) && !accountMistake(arn.account);
  const name = isKms ? arn.resource : text;
  if (AWS_ALIAS.test(name)) {
    const why = 'which cannot be changed and does not let CloudWatch Logs use the key';
    return `expected a customer managed key, got ${JSON.stringify(text)}: AWS manages that key and its policy, ${why}; create a key with aws kms create-key, or name one of yours`;
  }
  if (ALIAS_NAME.test(name) || (isKms && KEY_RESOURCE.test(name))) return undefined;
  const hint = BARE_ID.test(text) ? ' (a bare key id names no Region and no account)' : '';
  return `expected alias/NAME, an alias ARN or a key ARN, got ${JSON.stringify(text)}${hint}`;
}

/** A key ARN, where an alias cannot be looked up. */
export function keyArnMistake(text: string): Mistake {
  if (!keyMistake(text) && parseArn(text)?.resource.startsWith('key/')) return undefined;
  return `expected a key ARN such as arn:aws:kms:eu-west-1:111122223333:key/ID, got ${JSON.stringify(text)}`;
}

function kmsCommand(verb: string, key: string): string {
  const region = parseArn(key)?.region;
  return `aws kms ${verb} --key-id ${key}${region === undefined ? '' : ` --region ${region}`}`;
}
