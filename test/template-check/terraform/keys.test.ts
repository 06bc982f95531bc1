import { describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  aGroup,
  aKey,
  aKeyWith,
  aPlan,
  codesOf,
  findingOf,
  findingsOf,
  goodPolicy,
  LOGS_ARN,
  LOGS_ID,
  REGION,
} from './plans.ts';

const ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const GOOD = aKeyWith(goodPolicy());

describe('a log group of a plan', () => {
  it('is paired with the key that it refers to, whose ARN is known only after apply', async () => {
    expect(await findingOf([aGroup(LOGS_ARN), GOOD])).toEqual({
      ...{ file: 'plan.json', line: null, id: 'aws_cloudwatch_log_group.app', type: 'log-group', name: '/app/a' },
      ...{ key: { id: 'aws_kms_key.logs', arn: null }, status: 'COMPLIANT', severity: null },
      ...{ reasons: [], warnings: [], verdict: 'ALLOWED', exemption: null },
    });
  });

  it('under a key without a policy is refused by the default one of KMS', async () => {
    const finding = await findingOf([aGroup(LOGS_ARN), aKey()]);

    expect(finding).toMatchObject({ status: 'NON_COMPLIANT', verdict: 'MISSING_ACTIONS' });
    expect(codesOf(finding)).toEqual(['KEY_POLICY_MISSING_ACTIONS']);
  });

  it('without a key gets the attribute to add, with the only key of the plan', async () => {
    expect((await findingOf([aGroup(null), GOOD])).reasons).toMatchObject([
      {
        code: 'NO_KEY',
        fix: expect.stringMatching(/^\w+ \w+ the log group: kms_key_id = aws_kms_key\.logs\.arn$/),
      },
    ]);
  });

  it('whose configuration has a place for a key that is null says what gives none', async () => {
    const group = aGroup(null, { refs: { kms_key_id: ['var.kms_key_arn'] } });

    expect((await findingOf([group])).reasons).toMatchObject([
      { code: 'NO_KEY', message: expect.stringContaining('var.kms_key_arn gives none') },
    ]);
  });

  it('that is deleted is left out, and so is a key', async () => {
    const deleted = { address: 'aws_cloudwatch_log_group.old', values: { name: '/old' }, actions: ['delete'] };

    expect(await findingsOf(aPlan([deleted, { ...aKey(), actions: ['delete'] }]))).toEqual([]);
  });

  it.each([['no-op'], ['create'], ['update'], ['delete,create'], ['create,delete']])(
    'with the action %s counts',
    async (action) => {
      expect(await findingsOf(aPlan([aGroup(null, { actions: action.split(',') })]))).toHaveLength(1);
    },
  );

  it('that replaces an object which is still to be deleted counts once', async () => {
    const plan = aPlan([aGroup(null)]) as { resource_changes: object[] };
    const deposed = { ...plan.resource_changes[0], deposed: '12ab', change: { actions: ['delete'], after: null } };

    expect(await findingsOf({ ...plan, resource_changes: [...plan.resource_changes, deposed] })).toHaveLength(1);
  });

  it('whose name is made up has none, but what is known of it decides', async () => {
    const group = aGroup(LOGS_ARN, { values: { name_prefix: '/app/' }, unknown: { name: true, kms_key_id: true } });

    const key = (name: string) => aKeyWith(goodPolicy(REGION, ACCOUNT, name));
    expect(await findingOf([group, key('/app/*')])).toMatchObject({ name: null, status: 'COMPLIANT' });
    expect(await findingOf([group, key('/other/*')])).toMatchObject({ name: null, verdict: 'MISSING_ACTIONS' });
  });
});

describe('a key is named by', () => {
  it('its id: that is no ARN, and the attribute that is one', async () => {
    expect((await findingOf([aGroup(LOGS_ID), GOOD])).reasons).toMatchObject([
      {
        code: 'KEY_NOT_AN_ARN',
        message: expect.stringContaining('by key_id of aws_kms_key.logs'),
        fix: expect.stringMatching(/^\w+ \w+ the log group: kms_key_id = aws_kms_key\.logs\.arn$/),
      },
    ]);
  });

  it.each([
    ['1234abcd-12ab-34cd-56ef-1234567890ab', 'the key id 1234abcd-12ab-34cd-56ef-1234567890ab'],
    ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket, which is not the ARN of a key'],
    ['alias/logs', 'the alias name alias/logs'],
  ])('the text %s: that is no ARN', async (text, what) => {
    const group = aGroup(null, { values: { name: '/app/a', kms_key_id: text } });

    expect((await findingOf([group])).reasons).toMatchObject([
      { code: 'KEY_NOT_AN_ARN', message: expect.stringContaining(what) },
    ]);
  });

  it('the id that a data source found: the attribute of the data source that is an ARN', async () => {
    const group = aGroup(null, {
      values: { name: '/app/a', kms_key_id: '1234abcd-12ab-34cd-56ef-1234567890ab' },
      refs: { kms_key_id: ['data.aws_kms_alias.logs.target_key_id', 'data.aws_kms_alias.logs'] },
    });
    const data = { address: 'data.aws_kms_alias.logs', values: { name: 'alias/logs' }, actions: ['read'] };

    expect((await findingOf([group, data])).reasons).toMatchObject([
      { fix: expect.stringMatching(/: kms_key_id = data\.aws_kms_alias\.logs\.target_key_arn$/) },
    ]);
  });

  it('none that is certain, where a local value may give another one', async () => {
    const group = aGroup(['local.other_arn', ...LOGS_ARN]);

    expect(await findingOf([group, GOOD])).toMatchObject({
      ...{ status: 'UNKNOWN', key: null },
      reasons: [{ code: 'KEY_UNDETERMINED', message: expect.stringContaining('depends on local.other_arn') }],
    });
  });

  it('its whole address, where that of another resource begins with it', async () => {
    const group = aGroup(['aws_kms_key.logs-2.arn', 'aws_kms_key.logs-2', ...LOGS_ARN]);
    const absent = aKey({ address: 'aws_kms_key.logs-2', count: ['var.second'], isAbsent: true });

    expect(await findingOf([group, GOOD, absent])).toMatchObject({
      status: 'COMPLIANT',
      key: { id: 'aws_kms_key.logs' },
    });
  });

  it.each([
    ['data.aws_kms_key.found', 'arn', 'COMPLIANT'],
    ['data.aws_kms_key.found', 'id', 'NON_COMPLIANT'],
    ['data.aws_kms_alias.found', 'id', 'COMPLIANT'],
    ['data.aws_kms_alias.found', 'name', 'NON_COMPLIANT'],
  ])('%s, which is read only during the apply, by its attribute %s: %s', async (address, attribute, status) => {
    const data = { address, unknown: { arn: true, id: true }, actions: ['read'] };

    expect(await findingOf([aGroup([`${address}.${attribute}`, address]), data])).toMatchObject({ status });
  });

  it.each([
    ['data.aws_kms_key.found.arn', 'COMPLIANT'],
    ['data.aws_kms_key.found.key_id', 'NON_COMPLIANT'],
    ['data.aws_kms_alias.found.target_key_arn', 'COMPLIANT'],
  ])('%s, which the plan leaves out: %s', async (reference, status) => {
    const address = reference.replace(/\.\w+$/, '');

    expect(await findingOf([aGroup([reference, address])])).toMatchObject({ status });
  });

  it.each([
    ['with a count', { count: ['var.create'] }, ''],
    ['with for_each', { forEach: ['var.names'] }, ''],
    ['of a module with a count', {}, 'module.found.'],
  ])('another one than a data source %s of which the plan has no instance', async (_, many, module) => {
    const data = 'data.aws_kms_alias.found';
    const other = module === '' ? [`${data}[0].target_key_arn`, `${data}[0]`] : ['module.found[0].arn', 'module.found'];
    const modules = { found: { count: ['var.create'], outputs: { arn: [`${data}.target_key_arn`, data] } } };
    const group = aGroup(['var.create', 'aws_kms_key.logs[0].arn', 'aws_kms_key.logs[0]', ...other]);
    const key = aKey({ address: 'aws_kms_key.logs[0]', count: ['var.create'] });
    const absent = { address: `${module}${data}`, ...many, isAbsent: true };

    expect(await findingOf([group, key, absent], { modules })).toMatchObject({
      ...{ key: { id: 'aws_kms_key.logs[0]' }, verdict: 'MISSING_ACTIONS' },
    });
  });

  it('something that is not in the plan and has no count: it may be any key', async () => {
    const group = aGroup([...LOGS_ARN, 'aws_ssm_parameter.key.value', 'aws_ssm_parameter.key']);

    expect(await findingOf([group, aKey(), { address: 'aws_ssm_parameter.key', isAbsent: true }])).toMatchObject({
      ...{ status: 'UNKNOWN', key: null },
      reasons: [
        {
          fix: expect.stringContaining('apply aws_kms_key.logs, aws_ssm_parameter.key first'),
        },
      ],
    });
  });

  it('the ARN of a data source that the plan leaves out: nothing is known of its policy', async () => {
    const modules = {
      app: { inputs: { key: { references: ['data.aws_kms_key.found.arn', 'data.aws_kms_key.found'] } } },
    };
    const group = { ...aGroup(['var.key']), address: 'module.app.aws_cloudwatch_log_group.app' };

    expect(await findingOf([group], { modules })).toMatchObject({
      status: 'COMPLIANT',
      key: { id: null, arn: null },
      warnings: [
        {
          code: 'KEY_POLICY_UNREADABLE',
          message: expect.stringContaining('that of data.aws_kms_key.found, which lies'),
        },
      ],
    });
  });

  it('an id beside other values may be a part of an ARN: the policy decides where it refuses', async () => {
    const group = aGroup([...LOGS_ID, 'data.aws_region.current.name', 'data.aws_region.current']);
    const region = { address: 'data.aws_region.current', values: { name: REGION }, actions: ['no-op'] };

    expect(await findingOf([group, aKey(), region])).toMatchObject({
      ...{ status: 'NON_COMPLIANT', verdict: 'MISSING_ACTIONS' },
    });
    expect(await findingOf([group, GOOD, region])).toMatchObject({
      status: 'UNKNOWN',
      reasons: [{ code: 'KEY_UNDETERMINED' }],
    });
  });

  it('a reference without its attribute, in older plans: the policy decides where it refuses', async () => {
    const group = aGroup(['aws_kms_key.logs']);

    expect(await findingOf([group, aKey()])).toMatchObject({
      status: 'NON_COMPLIANT',
      reasons: [{ code: 'KEY_POLICY_MISSING_ACTIONS' }],
    });
    expect(await findingOf([group, GOOD])).toMatchObject({
      status: 'UNKNOWN',
      reasons: [{ code: 'KEY_UNDETERMINED', message: expect.stringContaining('names its key by an ARN is not known') }],
    });
  });

  it('an ARN that a key of the plan has already', async () => {
    const key = { ...GOOD, values: { ...GOOD.values, arn: ARN }, unknown: {}, actions: ['no-op'] };
    const group = aGroup(null, { values: { name: '/app/a', kms_key_id: ARN } });

    expect(await findingOf([group, key])).toMatchObject({
      key: { id: 'aws_kms_key.logs', arn: ARN },
      verdict: 'ALLOWED',
    });
  });

  it('an ARN of a key that is not in the plan: nothing is known of its policy', async () => {
    const group = aGroup(null, { values: { name: '/app/a', kms_key_id: ARN } });

    expect(await findingOf([group])).toMatchObject({
      status: 'COMPLIANT',
      key: { id: null, arn: ARN },
      warnings: [{ code: 'KEY_POLICY_UNREADABLE' }],
    });
  });

  it('an ARN of another Region', async () => {
    const group = aGroup(null, { values: { name: '/app/a', kms_key_id: ARN.replace(REGION, 'us-east-1') } });

    expect(codesOf(await findingOf([group]))).toEqual(['KEY_WRONG_REGION']);
  });

  it('something that is known only after apply and no key of the plan: not known', async () => {
    const group = aGroup(['local.key_arn']);

    expect(await findingOf([group, GOOD])).toMatchObject({
      status: 'UNKNOWN',
      reasons: [{ code: 'KEY_UNDETERMINED', message: expect.stringContaining('local.key_arn') }],
    });
  });

  it('one of two keys, where only one lets CloudWatch Logs in: not known', async () => {
    const group = aGroup(['aws_kms_key.logs.arn', 'aws_kms_key.logs', 'aws_kms_key.other.arn', 'aws_kms_key.other']);
    const other = aKey({ address: 'aws_kms_key.other' });

    expect(await findingOf([group, GOOD, other])).toMatchObject({ status: 'UNKNOWN' });
    expect(await findingOf([group, aKey(), other])).toMatchObject({ verdict: 'MISSING_ACTIONS' });
  });

  it.each([
    ['aws_kms_replica_key', { enabled: true }],
    ['aws_kms_external_key', { enabled: true, key_usage: 'ENCRYPT_DECRYPT', key_material_base64: 'a2V5' }],
  ])('the ARN of %s', async (type, values) => {
    const group = aGroup([`${type}.logs.arn`, `${type}.logs`]);
    const key = { ...GOOD, address: `${type}.logs`, values: { ...values, policy: goodPolicy() } };

    expect(await findingOf([group, key])).toMatchObject({ key: { id: `${type}.logs` }, verdict: 'ALLOWED' });
  });
});

it('a key whose material these files do not import cannot encrypt logs when it is created', async () => {
  const type = 'aws_kms_external_key';
  const key = { ...GOOD, address: `${type}.logs`, values: { enabled: true, policy: goodPolicy() } };

  expect(await findingOf([aGroup([`${type}.logs.arn`, `${type}.logs`]), key])).toMatchObject({
    ...{ status: 'NON_COMPLIANT', key: { id: `${type}.logs` } },
    reasons: [{ code: 'KEY_PENDING_IMPORT' }],
  });
});

describe('an alias', () => {
  const alias = {
    address: 'aws_kms_alias.logs',
    values: { name: 'alias/logs' },
    unknown: { arn: true, target_key_arn: true, target_key_id: true },
    refs: { target_key_id: LOGS_ID },
  };

  it.each([
    ['arn', 'COMPLIANT'],
    ['target_key_arn', 'COMPLIANT'],
    ['name', 'NON_COMPLIANT'],
  ])('by its attribute %s stands for its key: %s', async (attribute, status) => {
    const group = aGroup([`aws_kms_alias.logs.${attribute}`, 'aws_kms_alias.logs']);

    expect(await findingOf([group, alias, GOOD])).toMatchObject({ status, key: { id: 'aws_kms_key.logs' } });
  });

  it('by an ARN that is written out stands for its key', async () => {
    const arn = `arn:aws:kms:${REGION}:${ACCOUNT}:alias/logs`;
    const group = aGroup(null, { values: { name: '/app/a', kms_key_id: arn } });

    expect(await findingOf([group, alias, aKey()])).toMatchObject({ verdict: 'MISSING_ACTIONS' });
  });

  it('that a data source finds again stands for its key', async () => {
    const group = aGroup(['data.aws_kms_alias.found.target_key_arn', 'data.aws_kms_alias.found']);
    const data = {
      address: 'data.aws_kms_alias.found',
      values: {},
      unknown: { name: true, target_key_arn: true },
      refs: { name: ['aws_kms_alias.logs.name', 'aws_kms_alias.logs'] },
      actions: ['read'],
    };

    expect(await findingOf([group, alias, GOOD, data])).toMatchObject({ key: { id: 'aws_kms_key.logs' } });
  });
});

describe('a key that the plan deletes', () => {
  const before = { arn: ARN, key_id: ARN.split('/')[1], policy: goodPolicy() };
  const kept = (kms_key_id: string) => aGroup(null, { values: { name: '/app/a', kms_key_id }, actions: ['no-op'] });
  const pending = {
    ...{ status: 'NON_COMPLIANT', severity: 'CRITICAL', key: { id: 'aws_kms_key.logs', arn: ARN } },
    ...{ verdict: 'ALLOWED', warnings: [] },
    reasons: [
      {
        code: 'KEY_PENDING_DELETION',
        fix: expect.stringMatching(/^keep aws_kms_key\.logs as long as logs .* needed$/),
      },
    ],
  };

  it.each([[['delete']], [['delete', 'create']]])(
    'by %j cannot encrypt the logs that are under it',
    async (actions) => {
      expect(await findingOf([kept(ARN), { ...aKey(), before, actions }])).toMatchObject(pending);
    },
  );

  it('cannot encrypt logs by an alias that stays', async () => {
    const arn = `arn:aws:kms:${REGION}:${ACCOUNT}:alias/logs`;
    const alias = { address: 'aws_kms_alias.logs', values: { name: 'alias/logs', arn, target_key_id: before.key_id } };

    expect(await findingOf([kept(arn), { ...aKey(), before, actions: ['delete'] }, alias])).toMatchObject(pending);
  });

  it('is no key to attach to another log group', async () => {
    const [, bare] = await findingsOf(
      aPlan([
        ...[kept(ARN), { ...aKey(), before, actions: ['delete'] }],
        aGroup(null, { address: 'aws_cloudwatch_log_group.bare' }),
      ]),
    );

    expect(bare?.reasons).toMatchObject([{ code: 'NO_KEY', fix: expect.stringMatching(/^declare a key/) }]);
  });

  it('only from the state goes on', async () => {
    expect(await findingOf([kept(ARN), { ...aKey(), before, actions: ['forget'] }])).toMatchObject({
      ...{ status: 'COMPLIANT', warnings: [{ code: 'KEY_POLICY_UNREADABLE' }] },
    });
  });
});

describe('a key of AWS that a data source finds', () => {
  const found = { name: 'alias/aws/logs', key_id: 'alias/aws/logs', target_key_arn: ARN, arn: ARN };
  const managed = [
    { code: 'KEY_AWS_MANAGED', message: expect.stringContaining('alias/aws/logs is an AWS-managed key') },
  ];

  it.each([
    ['aws_kms_alias', 'target_key_arn'],
    ['aws_kms_key', 'arn'],
  ])('as %s cannot encrypt logs', async (type, attribute) => {
    const address = `data.${type}.found`;
    const refs = { kms_key_id: [`${address}.${attribute}`, address] };
    const known = aGroup(null, { values: { name: '/app/a', kms_key_id: ARN }, refs });
    const { name, key_id } = found;

    const read = await findingOf([known, { address, values: found, actions: ['no-op'] }]);
    expect(read).toMatchObject({ status: 'NON_COMPLIANT', reasons: managed, warnings: [] });
    const deferred = { address, values: { name, key_id }, unknown: { [attribute]: true }, actions: ['read'] };
    expect((await findingOf([aGroup(refs.kms_key_id), deferred])).reasons).toMatchObject(managed);
  });

  it('by an id says that it is managed by AWS, too', async () => {
    const data = { address: 'data.aws_kms_key.found', values: { key_id: 'a', arn: ARN, key_manager: 'AWS' } };
    const group = aGroup(null, { values: { name: '/app/a', kms_key_id: ARN } });

    expect(codesOf(await findingOf([group, { ...data, actions: ['no-op'] }]))).toEqual(['KEY_AWS_MANAGED']);
  });

  it.each([
    [{ key_state: 'PendingDeletion' }, ['KEY_PENDING_DELETION']],
    [{ key_state: 'Disabled' }, ['KEY_DISABLED']],
    [{ key_usage: 'SIGN_VERIFY', customer_master_key_spec: 'RSA_2048' }, ['KEY_NOT_SYMMETRIC', 'KEY_WRONG_USAGE']],
    [{ key_state: 'Enabled', key_usage: 'ENCRYPT_DECRYPT', customer_master_key_spec: 'SYMMETRIC_DEFAULT' }, []],
  ])('that Terraform has read is evaluated by its state: %o', async (state, codes) => {
    const data = { address: 'data.aws_kms_key.found', values: { key_id: 'a', arn: ARN, ...state }, actions: ['no-op'] };
    const group = aGroup(null, { values: { name: '/app/a', kms_key_id: ARN } });

    expect(codesOf(await findingOf([group, data]))).toEqual(codes);
  });

  it('by a local value may be any key', async () => {
    const address = 'data.aws_kms_alias.found';
    const data = {
      address,
      unknown: { name: true, target_key_arn: true },
      refs: { name: ['local.alias'] },
      actions: ['read'],
    };

    expect(await findingOf([aGroup([`${address}.target_key_arn`, address]), data, GOOD])).toMatchObject({
      ...{ status: 'UNKNOWN', key: null },
      reasons: [{ code: 'KEY_UNDETERMINED', message: expect.stringContaining(`${address} finds it by local.alias`) }],
    });
  });
});

describe('a key that cannot encrypt logs', () => {
  it.each([
    ['disabled', { is_enabled: false }, 'KEY_DISABLED', 'is_enabled = true'],
    ['not symmetric', { customer_master_key_spec: 'RSA_2048' }, 'KEY_NOT_SYMMETRIC', 'customer_master_key_spec = "SYM'],
    ['for signatures', { key_usage: 'SIGN_VERIFY' }, 'KEY_WRONG_USAGE', 'customer_master_key_spec = "SYMMETRIC'],
  ])('since it is %s', async (_, values, code, right) => {
    const { reasons } = await findingOf([aGroup(LOGS_ARN), { ...GOOD, values: { ...GOOD.values, ...values } }]);

    expect(reasons).toMatchObject([{ code, fix: expect.stringContaining(`write in aws_kms_key.logs: ${right}`) }]);
  });

  it('since its provider works in another Region', async () => {
    const providers = {
      aws: { name: 'aws', expressions: { region: { constant_value: REGION } } },
      'aws.us': { name: 'aws', alias: 'us', expressions: { region: { constant_value: 'us-east-1' } } },
    };

    expect(codesOf(await findingOf([aGroup(LOGS_ARN), { ...GOOD, provider: 'aws.us' }], { providers }))).toEqual([
      'KEY_WRONG_REGION',
    ]);
  });
});
