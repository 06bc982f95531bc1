import type { Cloud, OnLongRetry, Wait } from '../app/ports.ts';
import { ALIBABA_ATTEMPTS } from '../pacing.ts';
import { createCalls } from './calls.ts';
import { type AlibabaClients, createKms, createRam, createSls } from './clients.ts';
import { createKeys } from './keys.ts';
import { createLogstores } from './logstores.ts';
import { createRoleProblem } from './role.ts';

export interface AlibabaOptions extends AlibabaClients {
  /** The account's id; '' if it is not known. */
  readonly account: string;
  /** The RAM role through which SLS uses a key of the owner: `acs:ram::…:role/…`. */
  readonly roleArn: string | null;
  /** Whether RAM may be asked about the role. If not, the role is not checked. */
  readonly mayCallRam: boolean;
  /** The number of requests per call, including the first; default 10. */
  readonly maxAttempts?: number | undefined;
  /** Waits between two attempts. Default: real time. */
  readonly wait?: Wait | undefined;
  /** Is told of retries that take long. */
  readonly onLongRetry?: OnLongRetry | undefined;
}

/** One Region of Alibaba Cloud, with its own clients. The AccessKey is all that is known about the caller. */
export function createAlibabaCloud(region: string, options: AlibabaOptions): Cloud {
  const { account, roleArn, maxAttempts = ALIBABA_ATTEMPTS } = options;
  const calls = createCalls(maxAttempts, options.wait, options.onLongRetry);
  // A change follows a read, which showed that SLS can be reached, so its response is worth waiting for.
  const [sls, patient] = [createSls(region, options), createSls(region, options, true)];
  const roleProblem =
    options.mayCallRam && roleArn !== null
      ? createRoleProblem(createRam(region, options), calls, maxAttempts, roleArn)
      : async () => null;
  const caller = { account, arn: `acs:ram:*:access-key/${options.credentials.accessKeyId}`, partition: 'acs' };
  return {
    provider: 'alibaba',
    logStores: createLogstores(sls, patient, calls, { provider: 'alibaba', account, region }, roleArn),
    keys: createKeys(createKms(region, options), calls, roleProblem),
    caller: async () => caller,
    owner: async () => caller,
    identityPolicies: async () => ({ principalArn: null, decisions: null, because: 'RAM cannot simulate policies' }),
    apiCalls: calls.counts,
  };
}
