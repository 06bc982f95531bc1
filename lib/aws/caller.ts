import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Caller } from '../app/ports.ts';
import { parseArn } from '../domain/arn.ts';
import { CloudError } from '../errors.ts';
import type { Calls } from './calls.ts';

/** Asks STS for the caller's identity once and remembers the answer. A failure is not remembered. */
export function createCaller(client: STSClient, calls: Calls): () => Promise<Caller> {
  let known: Promise<Caller> | undefined;
  return () => {
    known ??= identify(client, calls).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function identify(client: STSClient, calls: Calls): Promise<Caller> {
  const call = 'sts:GetCallerIdentity';
  const { Account: account, Arn: arn = '' } = await calls.make(call, () => client.send(new GetCallerIdentityCommand()));
  const partition = parseArn(arn)?.partition;
  if (account && partition) return { account, arn, partition };
  throw new CloudError('UNAVAILABLE', call, `STS returned no identity: account ${account ?? 'none'}, ARN "${arn}"`);
}
