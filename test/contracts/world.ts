import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DisableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';

export const REGION = 'eu-west-1';
/** Enough for three pages. */
export const FLEET = Array.from({ length: 120 }, (_, index) => `/fleet/${String(index).padStart(3, '0')}`);
/** Each is the beginning of another's name, or differs by one character only. */
export const SIBLINGS = ['/app', '/app/a', '/app#1', '/app-1', '/application'];
/** Has a key from the beginning. */
export const SEALED = '/sealed';

/** The ARNs of the keys that a contract looks at. */
export interface Keys {
  readonly healthy: string;
  readonly disabled: string;
  readonly pendingDeletion: string;
  readonly rsa: string;
  readonly hmac: string;
  /** Its policy names the account alone. */
  readonly closed: string;
  /** Has the form of a key, and does not exist. */
  readonly missing: string;
}

/** The key policy that AWS documents for log groups. */
export function openPolicy(account: string) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Account',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
      {
        Sid: 'Logs',
        Effect: 'Allow',
        Principal: { Service: `logs.${REGION}.amazonaws.com` },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
        Condition: {
          ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${REGION}:${account}:log-group:*` },
        },
      },
      {
        Sid: 'QueryResults',
        Effect: 'Allow',
        Principal: { Service: `logs.${REGION}.amazonaws.com` },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
        Condition: {
          ArnEquals: { 'aws:SourceArn': `arn:aws:logs:${REGION}:${account}:query-result:*` },
          StringEquals: { 'aws:SourceAccount': account },
        },
      },
    ],
  };
}

/** Makes everything by the calls that a user would make. */
export async function buildWorld(account: string): Promise<Keys> {
  const kms = new KMSClient({ region: REGION });
  const logs = new CloudWatchLogsClient({ region: REGION });
  const aKey = async (input: CreateKeyCommandInput = {}): Promise<string> => {
    // moto knows no default for the usage.
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT', ...input }));
    return KeyMetadata?.Arn ?? '';
  };
  const keys: Keys = {
    healthy: await aKey({ Policy: JSON.stringify(openPolicy(account)) }),
    disabled: await aKey({ Policy: JSON.stringify(openPolicy(account)) }),
    pendingDeletion: await aKey({ Policy: JSON.stringify(openPolicy(account)) }),
    rsa: await aKey({ KeySpec: 'RSA_2048' }),
    hmac: await aKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
    closed: await aKey(),
    missing: `arn:aws:kms:${REGION}:${account}:key/00000000-0000-4000-8000-000000000000`,
  };
  // moto takes no ARN here.
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
