import type { Keys } from '../app/ports.ts';
import { CloudError } from '../errors.ts';
import type { Calls } from './calls.ts';
import type { Rpc } from './clients.ts';

const DESCRIBE = 'kms:DescribeKey';
const SYMMETRIC = /^(Aliyun_AES_(256|192|128)|Aliyun_SM4)$/;

/** The KMS keys of the client's Region. A key is identified by the id that was asked for, because Logstores use it. */
export function createKeys(kms: Rpc, calls: Calls, roleProblem: NonNullable<Keys['roleProblem']>): Keys {
  const noPolicies = async (call: string): Promise<never> => {
    throw new CloudError('INVALID_REQUEST', call, 'logseal does not read key policies of Alibaba Cloud');
  };
  return {
    async describe(key) {
      const { KeyMetadata } = await calls.make(DESCRIBE, () => kms('DescribeKey', { KeyId: key }));
      const facts = KeyMetadata as Readonly<Record<string, unknown>> | null | undefined;
      if (!facts) throw new CloudError('UNAVAILABLE', DESCRIBE, `KMS returned no metadata for ${key}`);
      const id = textOf(facts['KeyId']);
      if (id !== null && id !== key)
        throw new CloudError('UNAVAILABLE', DESCRIBE, `KMS returned ${id} instead of ${key}`);
      const spec = textOf(facts['KeySpec']);
      const usage = textOf(facts['KeyUsage']);
      const [, region] = /^acs:kms:([^:]+):/.exec(textOf(facts['Arn']) ?? '') ?? [];
      return {
        arn: key,
        account: '',
        state: textOf(facts['KeyState']),
        spec: spec !== null && SYMMETRIC.test(spec) ? 'SYMMETRIC_DEFAULT' : spec,
        usage: usage === 'ENCRYPT/DECRYPT' ? 'ENCRYPT_DECRYPT' : usage,
        deletionDate: dateOf(facts['DeleteDate']),
        ...(region && { region }),
      };
    },
    policyText: () => noPolicies('kms:GetKeyPolicy'),
    putPolicy: () => noPolicies('kms:SetKeyPolicy'),
    grants: () => noPolicies('kms:ListGrants'),
    roleProblem,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** KMS writes ISO 8601, and an empty text where there is no date. */
function dateOf(value: unknown): Date | undefined {
  const date = new Date(textOf(value) ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}
