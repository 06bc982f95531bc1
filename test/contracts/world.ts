import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { anOpenPolicy } from '../support/builders.ts';

export const REGION = 'eu-west-1';
/** Enough for three pages. */
export const FLEET = Array.from({ length: 120 }, (_, index) => `/fleet/${String(index).padStart(3, '0')}`);
/** Names that are prefixes of each other, or differ in a single character. */
export const SIBLINGS = ['/app', '/app/a', '/app#1', '/app-1', '/application'];
/** A log group that is created with a key. */
export const SEALED = '/sealed';

/** The ARNs of the keys in the contract's world. */
export interface Keys {
  readonly healthy: string;
  readonly disabled: string;
  readonly pendingDeletion: string;
  readonly rsa: string;
  readonly hmac: string;
  /** Its policy names only the account. */
  readonly closed: string;
  /** A valid key ARN without a key. */
  readonly missing: string;
}

/** Creates everything with the calls that a user would make. */
export async function buildWorld(account: string): Promise<Keys> {
  const kms = new KMSClient({ region: REGION });
  const logs = new CloudWatchLogsClient({ region: REGION });
  const aKey = async (input: CreateKeyCommandInput = {}): Promise<string> => {
    // moto has no default for KeyUsage.
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT', ...input }));
    return KeyMetadata?.Arn ?? '';
  };
  const keys: Keys = {
    healthy: await aKey({ Policy: anOpenPolicy() }),
    disabled: await aKey({ Policy: anOpenPolicy() }),
    pendingDeletion: await aKey({ Policy: anOpenPolicy() }),
    rsa: await aKey({ KeySpec: 'RSA_2048' }),
    hmac: await aKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
    closed: await aKey(),
    missing: `arn:aws:kms:${REGION}:${account}:key/00000000-0000-4000-8000-000000000000`,
  };
  // moto does not accept ARNs here.
  await kms.send(new DisableKeyCommand({ KeyId: idOf(keys.disabled) }));
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId: idOf(keys.pendingDeletion) }));
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/logseal', TargetKeyId: idOf(keys.healthy) }));
  await logs.send(new CreateLogGroupCommand({ logGroupName: SEALED, kmsKeyId: keys.healthy }));
  await Promise.all(
    [...FLEET, ...SIBLINGS].map((logGroupName) => logs.send(new CreateLogGroupCommand({ logGroupName }))),
  );
  return keys;
}

function idOf(keyArn: string): string {
  return keyArn.replace(/^.*\//, '');
}
