import { describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  aGroup,
  aKeyWith,
  aPlan,
  findingOf,
  goodPolicy,
  LOGS_ARN,
  type Planned,
  type PlanOptions,
  REGION,
  readPlan,
} from './plans.ts';

const KEY = `arn:aws:kms:us-west-2:${ACCOUNT}:key/a`;

async function placeOf(
  resources: readonly Planned[],
  plan: PlanOptions = {},
  region: string | null = null,
  account: string | null = null,
) {
  const reading = await readPlan(aPlan(resources, plan), { region, account });
  const found = reading?.declarations.find(({ groups }) => groups.length > 0);
  return [found?.region, found?.account];
}

function withRegion(expression: object): PlanOptions {
  return { providers: { aws: { name: 'aws', expressions: { region: expression } } } };
}

const data = (type: string, values: object): Planned => ({
  address: `data.${type}.this`,
  values: { ...values },
  actions: ['no-op'],
});
const NO_REGION = withRegion({});

describe('the Region of a plan is', () => {
  it.each<[string, Planned[], PlanOptions, string | null, string | null]>([
    ['that of the provider', [], {}, REGION, null],
    [
      'that of a variable of the provider',
      [],
      { ...withRegion({ references: ['var.region'] }), more: { variables: { region: { value: 'eu-north-1' } } } },
      'eu-north-1',
      null,
    ],
    ['that of the data source', [data('aws_region', { name: 'eu-west-3' })], NO_REGION, 'eu-west-3', null],
    [
      'that of the data source, as version 6 of the provider has it',
      [data('aws_region', { region: 'eu-west-3' })],
      NO_REGION,
      'eu-west-3',
      null,
    ],
    [
      'that of the ARNs of its other resources',
      [{ address: 'aws_sns_topic.a', values: { arn: `arn:aws:sns:us-west-2:${ACCOUNT}:a` } }],
      NO_REGION,
      'us-west-2',
      ACCOUNT,
    ],
    [
      'not known where those disagree',
      ['us-west-2', 'us-east-1'].map((region) => ({
        address: `aws_sns_topic.${region}`,
        values: { arn: `arn:aws:sns:${region}:${ACCOUNT}:a` },
      })),
      NO_REGION,
      null,
      ACCOUNT,
    ],
    ['not known where nothing says it', [], NO_REGION, null, null],
  ])('%s', async (_, resources, plan, region, account) => {
    expect(await placeOf([aGroup(null), ...resources], plan)).toEqual([region, account]);
  });

  it('that of the user only where the plan does not say it', async () => {
    expect(await placeOf([aGroup(null)], NO_REGION, 'us-east-1')).toEqual(['us-east-1', null]);
    expect(await placeOf([aGroup(null)], {}, 'us-east-1')).toEqual([REGION, null]);
  });

  it('that of the root module, where a module has its provider from there', async () => {
    const group = aGroup(null, { address: 'module.app.aws_cloudwatch_log_group.this', provider: 'module.app:aws' });

    expect(await placeOf([group])).toEqual([REGION, null]);
  });

  it('not known, where a module of an older plan may have its provider from several of the root module', async () => {
    const group = aGroup(null, { address: 'module.app.aws_cloudwatch_log_group.this', provider: 'module.app:aws' });
    const aws = { name: 'aws', expressions: { region: { constant_value: REGION } } };
    const proxy = { 'module.app:aws': { name: 'aws', module_address: 'module.app', version_constraint: '>= 3' } };

    expect(await placeOf([group], { providers: { aws, ...proxy } })).toEqual([REGION, null]);
    const us = { 'aws.us': { ...aws, alias: 'us', expressions: { region: { constant_value: 'us-east-1' } } } };
    expect(await placeOf([group], { providers: { aws, ...us, ...proxy } })).toEqual([null, null]);
  });

  it('for each log group that of its own provider, or its own attribute', async () => {
    const group = (name: string, more: Partial<Planned>) =>
      aGroup(null, { address: `aws_cloudwatch_log_group.${name}`, ...more });
    const plan = aPlan(
      [
        group('a', {}),
        group('b', { provider: 'aws.us' }),
        group('c', { values: { name: '/c', region: 'eu-north-1' } }),
      ],
      {
        providers: {
          aws: { name: 'aws', expressions: { region: { constant_value: REGION } } },
          'aws.us': { name: 'aws', alias: 'us', expressions: { region: { constant_value: 'us-east-1' } } },
        },
      },
    );

    expect((await readPlan(plan))?.declarations.map(({ region, groups }) => [region, groups.length])).toEqual([
      [REGION, 1],
      ['us-east-1', 1],
      ['eu-north-1', 1],
    ]);
  });
});

describe('the account of a plan is', () => {
  const role = { role_arn: { constant_value: 'arn:aws:iam::444455556666:role/deploy' } };
  const allowing = (...ids: string[]) => ({
    providers: { aws: { name: 'aws', expressions: { allowed_account_ids: { constant_value: ids } } } },
  });
  const assuming = { providers: { aws: { name: 'aws', expressions: { assume_role: [role] } } } };

  it.each<[string, Planned[], PlanOptions, string | null]>([
    ['that of the caller', [data('aws_caller_identity', { account_id: ACCOUNT })], {}, ACCOUNT],
    ['that of the role which the provider assumes', [], assuming, '444455556666'],
    ['the only one that the provider allows', [], allowing('444455556666'), '444455556666'],
    ['not known where the provider allows several', [], allowing('444455556666', ACCOUNT), null],
    [
      'that of the ARNs of its other resources',
      [{ address: 'aws_sns_topic.a', values: { arn: `arn:aws:sns:${REGION}:${ACCOUNT}:a` } }],
      {},
      ACCOUNT,
    ],
    ['not known where nothing says it', [], {}, null],
  ])('%s', async (_, resources, plan, account) => {
    expect((await placeOf([aGroup(null), ...resources], plan))[1]).toBe(account);
  });
});

it('the account of the user counts only where the plan does not say it, as its Region does', async () => {
  const caller = data('aws_caller_identity', { account_id: ACCOUNT });

  expect(await placeOf([aGroup(null), caller], {}, 'us-east-1', '444455556666')).toEqual([REGION, ACCOUNT]);
  expect(await placeOf([aGroup(null)], NO_REGION, 'us-east-1', '444455556666')).toEqual(['us-east-1', '444455556666']);
});

describe('a policy that hangs on a place which is not known', () => {
  it('is not known, and says which option settles it', async () => {
    const finding = await findingOf([aGroup(LOGS_ARN), aKeyWith(goodPolicy())], NO_REGION, { account: null });

    expect(finding).toMatchObject({ status: 'UNKNOWN', verdict: 'UNCERTAIN' });
    expect(finding.reasons[0]?.fix).toBe('to settle it: --region R --account ID');
    expect(
      await findingOf([aGroup(LOGS_ARN), aKeyWith(goodPolicy())], NO_REGION, { region: REGION, account: ACCOUNT }),
    ).toMatchObject({ status: 'COMPLIANT' });
  });

  it('of a key whose ARN is known is evaluated there', async () => {
    const group = aGroup(null, {
      values: { name: '/app/a', kms_key_id: KEY, arn: `arn:aws:logs:us-west-2:${ACCOUNT}:log-group:/app/a` },
    });
    const key = aKeyWith(goodPolicy('us-west-2'), { values: { arn: KEY } });

    expect(await findingOf([group, { ...key, unknown: {} }], NO_REGION, { account: null })).toMatchObject({
      verdict: 'ALLOWED',
    });
  });
});
