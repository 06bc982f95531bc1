import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { memoize } from '@smithy/core/config';
import type { Caller } from '../app/ports.ts';
import { formatArn } from '../domain/arn.ts';
import { CloudError } from '../errors.ts';
import type { Calls } from './calls.ts';
import { type AwsOptions, type CredentialSource, type Credentials, clientSettings } from './clients.ts';

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
/** How long a refusal holds for the other Regions of the account, which would ask for each of their calls. */
const REFUSED_FOR_MS = 60_000;

/**
 * Credentials of any account: one session for all its Regions, renewed before it expires. In the caller's own account they
 * are the caller's own.
 * @param callerAt who calls without the role, asked through a Region
 * @returns a function that gives the credentials of an account. The first request for an account decides which Region's STS is
 * called, and which `calls` count that. The credentials reject with ROLE_REFUSED when STS does not let the caller assume the role.
 */
export function enterAccounts(role: AccountRole, options: AwsOptions, callerAt: (region: string) => Promise<Caller>) {
  const known = new Map<string, CredentialSource>();
  return (account: string, region: string, calls: Calls): CredentialSource => {
    const already = known.get(account);
    if (already) return already;
    const sts = new STSClient(clientSettings(region, options));
    let refusal: { readonly error: CloudError; readonly atMs: number } | undefined;
    const enter = async (): Promise<Credentials> => {
      if (refusal && Date.now() - refusal.atMs < REFUSED_FOR_MS) throw refusal.error;
      const own = await callerAt(region);
      if (own.account === account) return sts.config.credentials();
      try {
        return await assumeRole(sts, calls, account, own, role);
      } catch (error) {
        if (error instanceof CloudError && error.code === 'ROLE_REFUSED') refusal = { error, atMs: Date.now() };
        throw error;
      }
    };
    const renewed = memoize(
      enter,
      ({ expiration }) => expiration !== undefined && expiration.getTime() - Date.now() < RENEWED_BEFORE_MS,
      ({ expiration }) => expiration !== undefined,
    );
    known.set(account, renewed);
    return renewed;
  };
}

async function assumeRole(
  sts: STSClient,
  calls: Calls,
  account: string,
  { partition }: Caller,
  role: AccountRole,
): Promise<Credentials> {
  const call = 'sts:AssumeRole';
  const RoleArn = formatArn({ partition, service: 'iam', region: '', account, resource: `role/${role.name}` });
  const ExternalId = role.externalId ?? undefined;
  const input = { RoleArn, RoleSessionName: role.sessionName, ExternalId };
  const { Credentials: given } = await calls.make(call, () => sts.send(new AssumeRoleCommand(input))).catch(refused);
  const {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration,
  } = given ?? {};
  if (!accessKeyId || !secretAccessKey || !sessionToken || !Expiration) {
    throw new CloudError('UNAVAILABLE', call, `STS returned no credentials for ${RoleArn}`);
  }
  return { accessKeyId, secretAccessKey, sessionToken, expiration: Expiration };
}

/** AWS refuses a role that does not exist, a trust that does not fit and a wrong external id in the same words. */
function refused(error: unknown): never {
  if (!(error instanceof CloudError) || error.code !== 'ACCESS_DENIED') throw error;
  throw new CloudError('ROLE_REFUSED', error.call, error.message, { cause: error });
}
