import type { Cloud } from '../app/ports.ts';
import { ALIBABA_ATTEMPTS } from '../pacing.ts';
import { createCalls } from './calls.ts';
import { type AlibabaClients, createKms, createRam, createSls } from './clients.ts';
import { createKeys } from './keys.ts';
import { createLogstores } from './logstores.ts';
import { createRoleProblem } from './role.ts';

export interface AlibabaOptions extends AlibabaClients {
  /** The account's id; '' when it is not known. */
  readonly account: string;
  /** The RAM role by which SLS uses a key of the owner's: `acs:ram::…:role/…`. */
  readonly roleArn: string | null;
  /** Whether RAM may be asked about the role; else nothing is said of it. */
  readonly mayCallRam: boolean;
  /** Requests for one call, the first included; default 10. */
  readonly maxAttempts?: number | undefined;
}

/** One Region of Alibaba Cloud, with clients of its own. Who calls is known by the AccessKey alone, without a call. */
export function createAlibabaCloud(region: string, options: AlibabaOptions): Cloud {
  const { account, roleArn, maxAttempts = ALIBABA_ATTEMPTS } = options;
  const calls = createCalls(maxAttempts);
  // A change comes after a read, which has shown that SLS can be reached: it is worth waiting for.
  const [sls, patient] = [createSls(region, options), createSls(region, options, true)];
  const roleProblem =
    options.mayCallRam && roleArn !== null
      ? createRoleProblem(createRam(region, options), calls, maxAttempts, roleArn)
      : async () => null;
  const caller = { account, arn: `acs:ram:*:access-key/${options.credentials.accessKeyId}`, partition: 'acs' };
  return {
    provider: 'alibaba',
    logStores: createLogstores(sls, patient, calls, roleArn),
    keys: createKeys(createKms(region, options), calls, roleProblem),
    caller: async () => caller,
    identityPolicies: async () => ({ principalArn: null, decisions: null, because: 'RAM cannot simulate policies' }),
    apiCalls: calls.counts,
  };
}
