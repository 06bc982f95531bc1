import { expect, it } from 'vitest';
import { ACCOUNT, codesOf, findingsOf, goodPolicy, REGION } from './plans.ts';

const ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

function aState(policy: string, kmsKeyId: string): object {
  const base = { mode: 'managed', provider_name: 'registry.opentofu.org/hashicorp/aws' };
  const group = { name: '/app/a', arn: `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/app/a`, kms_key_id: kmsKeyId };
  return {
    format_version: '1.0',
    terraform_version: '1.8.0',
    values: {
      outputs: {},
      root_module: {
        resources: [
          {
            ...base,
            address: 'aws_cloudwatch_log_group.app',
            type: 'aws_cloudwatch_log_group',
            name: 'app',
            values: group,
          },
        ],
        child_modules: [
          {
            address: 'module.kms',
            resources: [
              {
                ...{ ...base, address: 'module.kms.aws_kms_key.this', type: 'aws_kms_key', name: 'this' },
                values: { arn: ARN, key_id: ARN.split('/')[1], policy, is_enabled: true },
              },
            ],
          },
        ],
      },
    },
  };
}

it('a state has every value: its place too', async () => {
  const options = { account: null };

  expect((await findingsOf(aState(goodPolicy(), ARN), options))[0]).toMatchObject({
    ...{ key: { id: 'module.kms.aws_kms_key.this', arn: ARN }, verdict: 'ALLOWED' },
  });
  expect((await findingsOf(aState(goodPolicy('us-east-1'), ARN), options))[0]).toMatchObject({
    verdict: 'MISSING_ACTIONS',
  });
});

it('a log group of a state without a key is flagged', async () => {
  const [finding] = await findingsOf(aState(goodPolicy(), ''));

  expect(finding && codesOf(finding)).toEqual(['NO_KEY']);
});
