import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { memoize } from '@smithy/core/config';
import type { Caller } from '../app/ports.ts';
import { formatArn } from '../domain/arn.ts';
import { CloudError } from '../errors.ts';
import { SESSIONS_KEPT } from '../pacing.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, type CredentialSource, type Credentials, clientSettings } from './clients.ts';
import { lastUsed } from './last-used.ts';

/** The role by which accounts other than the caller's own are entered. */
export interface AccountRole {
  /** The same in every account, with its path if it has one, but without a slash at the beginning. */
  readonly name: string;
  /** null: the trust of the role asks for none. */
  readonly externalId: string | null;
  /** What CloudTrail calls the session, at most 64 characters. */
  readonly sessionName: string;
}

/** As early as the SDK's own clients ask for new ones. */
const RENEWED_BEFORE_MS = 5 * 60_000;
/** How long a refused account is not asked for again; otherwise each call in each of its Regions would ask. */
const REFUSED_FOR_MS = 60_000;

/** Where and as whom the caller asks STS to enter accounts. */
export interface Entrance {
  /** The Region whose STS is asked for every account: one that is off in an account must not keep the caller out of the others. */
  readonly region: string;
  /** Who calls without the role. */
  readonly caller: () => Promise<Caller>;
}

/** A session of the role in one account. */
export interface Session {
  readonly credentials: CredentialSource;
  /** Who calls in the session. */
  readonly caller: () => Promise<Caller>;
}

/**
 * Sessions in any account: one for all Regions of the account, renewed before it expires. In the caller's own account the
 * credentials are the caller's own.
 * @returns a function that gives the session of an account, and counts what it takes with the `calls` of whoever asks first. Both
 * parts of it reject with ROLE_REFUSED when STS does not let the caller assume the role.
 */
export function enterAccounts(role: AccountRole, options: AwsOptions, { region, caller }: Entrance) {
  const sts = new STSClient(clientSettings(region, options));
  const sessions = lastUsed<Session>(SESSIONS_KEPT);
  const begin = (account: string, calls: Calls): Session => {
    let refusal: { readonly error: CloudError; readonly atMs: number } | undefined;
    const enter = async (): Promise<Entered> => {
      if (refusal && Date.now() - refusal.atMs < REFUSED_FOR_MS) throw refusal.error;
      const own = await caller();
      if (own.account === account) return { ...(await sts.config.credentials()), caller: own };
      try {
        return await assumeRole(sts, calls, account, own, role);
      } catch (error) {
        if (error instanceof CloudError && error.code === 'ROLE_REFUSED') refusal = { error, atMs: Date.now() };
        throw error;
      }
    };
    const credentials = memoize(
      enter,
      ({ expiration }) => expiration !== undefined && expiration.getTime() - Date.now() < RENEWED_BEFORE_MS,
      ({ expiration }) => expiration !== undefined,
    );
    return { credentials, caller: async () => (await credentials()).caller };
  };
  return (account: string, calls: Calls): Session => sessions(account, () => begin(account, calls));
}

interface Entered extends Credentials {
  readonly caller: Caller;
}

async function assumeRole(
  sts: STSClient,
  calls: Calls,
  account: string,
  { partition }: Caller,
  role: AccountRole,
): Promise<Entered> {
  const call = 'sts:AssumeRole';
  const RoleArn = formatArn({ partition, service: 'iam', region: '', account, resource: `role/${role.name}` });
  const ExternalId = role.externalId ?? undefined;
  const input = { RoleArn, RoleSessionName: role.sessionName, ExternalId };
  const answer = await calls.make(call, () => sts.send(new AssumeRoleCommand(input))).catch(refused);
  const {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration,
  } = answer.Credentials ?? {};
  const { Arn: arn } = answer.AssumedRoleUser ?? {};
  if (!accessKeyId || !secretAccessKey || !sessionToken || !Expiration || !arn) {
    throw new CloudError('UNAVAILABLE', call, `STS returned no session of ${RoleArn}`);
  }
  const caller = { account, arn, partition };
  return { accessKeyId, secretAccessKey, sessionToken, expiration: Expiration, caller };
}

/** AWS refuses a role that does not exist, a trust that does not fit and a wrong external id in the same words. */
function refused(error: unknown): never {
  if (!(error instanceof CloudError) || error.code !== 'ACCESS_DENIED') throw error;
  throw new CloudError('ROLE_REFUSED', error.call, error.message, { cause: error });
}
