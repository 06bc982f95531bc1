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
  type Modules,
  type Planned,
  type PlanOptions,
  REGION,
} from './plans.ts';

const ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const group = aGroup(LOGS_ARN);
const documentRefs = ['data.aws_iam_policy_document.key.json', 'data.aws_iam_policy_document.key'];
const keyOf = (references: readonly string[]): Planned => aKey({ refs: { policy: references } });

describe('the policy of a key', () => {
  it('of a resource of its own is in the place of the policy in the key', async () => {
    const policy = (text: string): Planned => ({
      address: 'aws_kms_key_policy.logs',
      values: { policy: text },
      unknown: { key_id: true, id: true },
      refs: { key_id: LOGS_ID, policy: [] },
    });

    expect(await findingOf([group, aKey(), policy(goodPolicy())])).toMatchObject({ verdict: 'ALLOWED' });
    expect(await findingOf([group, aKeyWith(goodPolicy()), policy(goodPolicy('us-east-1'))])).toMatchObject({
      verdict: 'MISSING_ACTIONS',
    });
  });

  it('that is known only after apply is not known, and says which value', async () => {
    const key = keyOf([
      'aws_sns_topic.alarms.arn',
      'aws_sns_topic.alarms',
      'data.aws_caller_identity.me.account_id',
      'data.aws_caller_identity.me',
      'var.prefix',
    ]);
    const known = { address: 'data.aws_caller_identity.me', values: { account_id: ACCOUNT }, actions: ['no-op'] };

    const finding = await findingOf([group, key, known]);

    expect(finding).toMatchObject({ status: 'UNKNOWN', verdict: 'UNCERTAIN' });
    expect(finding.reasons).toMatchObject([
      {
        code: 'KEY_POLICY_UNCERTAIN',
        message: expect.stringMatching(/known only after apply, since it depends on aws_sns_topic\.alarms\.arn$/),
        fix: expect.stringContaining(
          'to settle it: apply aws_sns_topic.alarms first, with terraform apply -target, then make a new plan',
        ),
      },
    ]);
  });

  it.each([
    ['aws_iam_policy.key', 'policy'],
    ['data.aws_iam_policy_document.key', 'json'],
    ['data.aws_kms_key.other', 'policy'],
  ])('that refers to %s, of which the plan has no instance, is not known', async (address, attribute) => {
    const key = keyOf([`${address}.${attribute}`, address]);

    expect(await findingOf([group, key, { address, isAbsent: true }])).toMatchObject({
      status: 'UNKNOWN',
      reasons: [
        { code: 'KEY_POLICY_UNCERTAIN', message: expect.stringMatching(`depends on ${address}\\.${attribute}$`) },
      ],
    });
    expect(await findingOf([group, key, { address, isAbsent: true, count: ['var.create'] }])).toMatchObject({
      reasons: [{ message: expect.stringContaining('has no policy of its own') }],
    });
  });

  it.each(['target_key_id', 'target_key_arn'])(
    'of a resource that names an alias by %s is that of its key',
    async (attribute) => {
      const alias = {
        address: 'aws_kms_alias.logs',
        values: { name: 'alias/logs' },
        unknown: { arn: true, target_key_arn: true, target_key_id: true },
        refs: { target_key_id: LOGS_ID },
      };
      const policy: Planned = {
        address: 'aws_kms_key_policy.logs',
        values: { policy: goodPolicy() },
        unknown: { key_id: true, id: true },
        refs: { key_id: [`aws_kms_alias.logs.${attribute}`, 'aws_kms_alias.logs'], policy: [] },
      };

      expect(await findingOf([group, aKey(), alias, policy])).toMatchObject({ verdict: 'ALLOWED' });
      const open = { ...alias, refs: { target_key_id: ['local.key_id'] } };
      expect((await findingOf([group, aKey(), open, policy])).reasons).toMatchObject([
        { message: expect.stringContaining('the plan does not say which key aws_kms_key_policy.logs belongs to') },
      ]);
    },
  );

  it.each([[ARN], [ARN.split('/')[1]]])('of a key outside the plan, %s, is evaluated', async (key_id) => {
    const under = aGroup(null, { values: { name: '/app/a', kms_key_id: ARN } });
    const policy = (text: string): Planned => ({
      address: 'aws_kms_key_policy.logs',
      values: { key_id, policy: text },
    });

    expect(await findingOf([under, policy(goodPolicy('us-east-1'))])).toMatchObject({
      ...{ key: { id: 'aws_kms_key_policy.logs', arn: ARN }, status: 'NON_COMPLIANT', verdict: 'MISSING_ACTIONS' },
      reasons: [{ fix: expect.stringMatching(/^add this statement to the key policy of aws_kms_key_policy\.logs:/) }],
    });
    expect(await findingOf([under, policy(goodPolicy())])).toMatchObject({ verdict: 'ALLOWED', warnings: [] });
    expect(await findingOf([aGroup(null), policy(goodPolicy())])).toMatchObject({
      reasons: [{ code: 'NO_KEY', fix: expect.stringMatching(/^declare a key/) }],
    });
  });

  it('of a resource for each of some keys is that of the key with its index', async () => {
    const key = (name: string) => aKey({ address: `aws_kms_key.logs["${name}"]`, forEach: ['var.names'] });
    const policy = (name: string): Planned => ({
      address: `aws_kms_key_policy.logs["${name}"]`,
      values: { policy: goodPolicy(name === 'a' ? REGION : 'us-east-1') },
      unknown: { key_id: true, id: true },
      refs: { key_id: ['each.value.id', 'each.value'], policy: [] },
      forEach: ['aws_kms_key.logs'],
    });
    const under = (name: string) =>
      findingOf([
        ...[key('a'), key('b'), policy('a'), policy('b')],
        aGroup([`aws_kms_key.logs["${name}"].arn`, `aws_kms_key.logs["${name}"]`, 'aws_kms_key.logs']),
      ]);

    expect(await under('a')).toMatchObject({ verdict: 'ALLOWED' });
    expect(await under('b')).toMatchObject({ verdict: 'MISSING_ACTIONS' });
  });

  it('is not known where the plan has no configuration', async () => {
    const bare = {
      ...aPlan([
        aGroup(null, { values: { name: '/app/a', kms_key_id: 'arn:aws:kms:eu-west-1:111122223333:key/a' } }),
        aKey({ values: { arn: 'arn:aws:kms:eu-west-1:111122223333:key/a' }, unknown: { policy: true } }),
      ]),
      configuration: {},
    };

    expect((await findingsOf(bare))[0]).toMatchObject({
      status: 'UNKNOWN',
      reasons: [{ code: 'KEY_POLICY_UNCERTAIN', message: expect.stringContaining('no configuration') }],
    });
  });

  it.each<[string, object, PlanOptions]>([
    ['null', { constant_value: null }, {}],
    ['empty', { constant_value: '' }, {}],
    ['a variable that is null', { references: ['var.policy'] }, { more: { variables: { policy: { value: null } } } }],
  ])('that is %s is the default one of KMS', async (_, policy, plan) => {
    expect(await findingOf([group, aKey({ refs: { policy } })], plan)).toMatchObject({
      status: 'NON_COMPLIANT',
      reasons: [{ code: 'KEY_POLICY_MISSING_ACTIONS', message: expect.stringContaining('has no policy of its own') }],
    });
  });

  it.each<[string, Modules[string], object]>([
    ['is null, since nothing gives it', { variables: { policy: {} } }, { verdict: 'MISSING_ACTIONS' }],
    [
      'is null, as the module is called',
      { inputs: { policy: { constant_value: null } } },
      { verdict: 'MISSING_ACTIONS' },
    ],
    ['the plan does not say', {}, { reasons: [{ message: expect.stringMatching(/depends on var\.policy$/) }] }],
    [
      'comes from a local value',
      { inputs: { policy: { references: ['local.policy'] } } },
      { reasons: [{ message: expect.stringMatching(/depends on var\.policy, which comes from local\.policy$/) }] },
    ],
    [
      'comes from what is known only after apply',
      { inputs: { policy: { references: ['aws_ssm_parameter.p.value', 'aws_ssm_parameter.p'] } } },
      {
        reasons: [
          {
            message: expect.stringMatching(/depends on var\.policy, which comes from aws_ssm_parameter\.p\.value$/),
            fix: expect.stringContaining('apply aws_ssm_parameter.p first'),
          },
        ],
      },
    ],
  ])('that is an input of a module which %s', async (_, kms, expected) => {
    const key = aKey({ address: 'module.kms.aws_kms_key.logs', refs: { policy: ['var.policy'] } });
    const parameter = { address: 'aws_ssm_parameter.p', unknown: { value: true } };
    const modules = { kms: { ...kms, outputs: { arn: LOGS_ARN } } };

    expect(await findingOf([aGroup(['module.kms.arn', 'module.kms']), key, parameter], { modules })).toMatchObject(
      expected,
    );
  });

  it('from a data source that Terraform has read is that JSON', async () => {
    const plan = aPlan([group, keyOf(documentRefs)], {
      more: {
        prior_state: {
          values: {
            root_module: {
              resources: [
                {
                  ...{ address: 'data.aws_iam_policy_document.key', mode: 'data', type: 'aws_iam_policy_document' },
                  ...{ name: 'key', values: { json: goodPolicy() } },
                },
              ],
            },
          },
        },
      },
    });

    expect((await findingsOf(plan))[0]).toMatchObject({ verdict: 'ALLOWED' });
  });
});

describe('a data source that Terraform reads only while it applies', () => {
  const logs = {
    ...{ sid: 'Logs', effect: null, actions: ['kms:*'], resources: ['*'] },
    principals: [{ type: 'Service', identifiers: [`logs.${REGION}.amazonaws.com`] }],
    condition: [],
  };
  const other = { ...logs, principals: [{ type: 'AWS', identifiers: [null] }] };
  const document = (statement: object[], unknown: object = {}, more: Partial<Planned> = {}): Planned => ({
    address: 'data.aws_iam_policy_document.key',
    values: { statement },
    unknown: { json: true, id: true, ...unknown },
    actions: ['read'],
    ...more,
  });
  const findingWith = (...given: Parameters<typeof document>) =>
    findingOf([group, keyOf(documentRefs), document(...given)]);

  it('is evaluated by its statements', async () => {
    expect(await findingWith([logs])).toMatchObject({ verdict: 'ALLOWED', status: 'COMPLIANT' });
  });

  it('is evaluated where a variable chooses it, but not where it is a part of something', async () => {
    const chosen = keyOf(['var.policy', ...documentRefs]);
    const part = keyOf(['local.extra', ...documentRefs]);

    expect(await findingOf([group, chosen, document([logs])])).toMatchObject({ verdict: 'ALLOWED' });
    expect(await findingOf([group, part, document([logs])])).toMatchObject({ status: 'UNKNOWN', verdict: 'UNCERTAIN' });
  });

  it.each([
    ['', false],
    ['[0]', true],
  ])(
    'is evaluated where a switch chooses it, only if that also decides whether it is there: key%s',
    async (index, isEvaluated) => {
      const data = { ...document([logs]), address: `data.aws_iam_policy_document.key${index}` };
      const more = { variables: { create: { value: true } } };
      const key = keyOf(['var.create', `${data.address}.json`, data.address]);

      expect(await findingOf([group, key, data], { more })).toMatchObject({
        status: isEvaluated ? 'COMPLIANT' : 'UNKNOWN',
      });
      const modules = { kms: { inputs: { create: { references: ['var.create'] } }, outputs: { arn: LOGS_ARN } } };
      const inside = [key, data].map((each) => ({ ...each, address: `module.kms.${each.address}` }));
      expect(await findingOf([aGroup(['module.kms.arn', 'module.kms']), ...inside], { more, modules })).toMatchObject({
        status: isEvaluated ? 'COMPLIANT' : 'UNKNOWN',
      });
    },
  );

  it('is not evaluated where an output of a module has it beside a local value', async () => {
    const modules = { kms: { outputs: { json: ['local.extra', ...documentRefs] } } };
    const own = { ...document([logs]), address: 'module.kms.data.aws_iam_policy_document.key' };

    expect(await findingOf([group, keyOf(['module.kms.json', 'module.kms']), own], { modules })).toMatchObject({
      ...{ status: 'UNKNOWN', verdict: 'UNCERTAIN' },
      reasons: [{ message: expect.stringMatching(/module\.kms\.json, which comes from local\.extra in module\.kms/) }],
    });
  });

  describe('that is made of others', () => {
    const unknownRole = { statement: [{ principals: [{ identifiers: [true] }] }] };
    const deny = { Sid: 'Logs', Effect: 'Deny', Principal: '*', Action: 'kms:*', Resource: '*' };
    const denies = JSON.stringify({ Statement: deny });
    const withOthers = (values: object, unknown: object = {}, refs: Planned['refs'] = {}) =>
      document(
        [other],
        { ...unknownRole, ...unknown },
        { values: { statement: [{ ...other, sid: 'Role' }], ...values }, refs },
      );
    const first = { ...document([{ ...logs, sid: 'Other' }, logs]), address: 'data.aws_iam_policy_document.first' };
    const second = { ...document([{ ...logs, effect: 'Deny' }]), address: 'data.aws_iam_policy_document.second' };
    const references = [first, second].flatMap(({ address }) => [`${address}.json`, address]);
    const both = (name: string, order: readonly string[]) =>
      withOthers({ [name]: [null, null] }, { [name]: [true, true] }, { [name]: order });

    it.each<[string, Planned, string]>([
      ['that are known', withOthers({ source_policy_documents: [goodPolicy()] }), 'ALLOWED'],
      [
        'of which one overrides a statement',
        withOthers({ source_policy_documents: [goodPolicy()], override_policy_documents: [denies] }),
        'DENIED',
      ],
      ['that are read while it applies, too', both('source_policy_documents', references.slice(0, 4)), 'DENIED'],
      [
        'in their order',
        both('override_policy_documents', [...references.slice(2), ...references.slice(0, 2)]),
        'ALLOWED',
      ],
    ])('%s is evaluated with them', async (_, data, verdict) => {
      expect(await findingOf([group, keyOf(documentRefs), data, first, second])).toMatchObject({ verdict });
    });

    it('which are not known names what they come from', async () => {
      const data = withOthers(
        { source_policy_documents: [null] },
        { source_policy_documents: [true] },
        { source_policy_documents: ['aws_ssm_parameter.policy.value', 'aws_ssm_parameter.policy'] },
      );
      const { status, reasons } = await findingOf([group, keyOf(documentRefs), data]);

      expect(status).toBe('UNKNOWN');
      expect(reasons[0]?.fix).toContain('apply aws_ssm_parameter.policy first');
    });
  });

  it('names an unknown value in a condition as the plan does, and a statement without a Sid that is known by its place', async () => {
    const condition = [{ test: 'StringNotEquals', variable: 'aws:PrincipalOrgID', values: [null] }];
    const everybody = [{ type: '*', identifiers: ['*'] }];
    const deny = { ...logs, sid: null, effect: 'Deny', principals: everybody, condition };
    const { reasons } = await findingWith(
      [logs, deny],
      { statement: [{}, { sid: true, condition: [{ values: [true] }] }] },
      {
        refs: { statement: [{}, { condition: [{ values: { references: ['aws_organizations_organization.o.id'] } }] }] },
      },
    );

    expect(reasons[0]?.message).toContain(
      'the 2nd statement denies it: StringNotEquals aws:PrincipalOrgID = ${aws_organizations_organization.o.id} holds',
    );
  });

  it('is evaluated although a role in it is known only after apply', async () => {
    const unknown = { statement: [{}, { principals: [{ identifiers: [true] }] }] };

    expect(await findingWith([logs, other], unknown)).toMatchObject({ verdict: 'ALLOWED' });
    expect(await findingWith([other, other], unknown)).toMatchObject({ verdict: 'MISSING_ACTIONS' });
  });

  it('says which value decides', async () => {
    const condition = [{ test: 'ArnLike', variable: 'kms:EncryptionContext:aws:logs:arn', values: [null] }];
    const expressions = [
      { condition: [{ values: { references: ['aws_cloudwatch_log_group.x.arn', 'aws_cloudwatch_log_group.x'] } }] },
    ];

    const finding = await findingWith(
      [{ ...logs, condition }],
      { statement: [{ condition: [{ values: [true] }] }] },
      { refs: { statement: expressions } },
    );

    expect(finding).toMatchObject({ status: 'UNKNOWN', verdict: 'UNCERTAIN' });
    expect(finding.reasons[0]?.message).toMatch(/depends on \$\{aws_cloudwatch_log_group\.x\.arn\}/);
  });

  it('denies where its statement does', async () => {
    const deny = { ...logs, effect: 'Deny', principals: [{ type: '*', identifiers: ['*'] }] };

    const { verdict, reasons } = await findingWith([logs, deny]);

    expect(verdict).toBe('DENIED');
    expect(reasons[0]?.fix).toMatch(/of the key policy of aws_kms_key\.\w+: no Allow overrides a Deny$/);
  });

  it.each([
    ['its statements are', { statement: true }, {}],
    ['a block of principals is', { statement: [{ principals: true }] }, {}],
    ['another document that it is made of is', { source_policy_documents: [true] }, {}],
  ])('is not known where %s known only after apply', async (_, unknown, more) => {
    expect(await findingWith([logs], unknown, more)).toMatchObject({ status: 'UNKNOWN', verdict: 'UNCERTAIN' });
  });
});

describe('what to add', () => {
  it('to a key without a policy is a whole one, in HCL', async () => {
    const [reason] = (await findingOf([group, aKey()])).reasons;

    expect(reason?.message).toContain('aws_kms_key.logs has no policy of its own');
    expect(reason?.fix).toMatch(/^add a key policy to aws_kms_key\.logs:\npolicy = jsonencode\(\{\n {2}"Version"/);
    const [, policy = ''] = /jsonencode\((.*)\)$/s.exec(reason?.fix ?? '') ?? [];
    expect(await findingOf([group, aKeyWith(policy)])).toMatchObject({ verdict: 'ALLOWED' });
  });

  it('to a key with a policy is a statement, as a block and as JSON', async () => {
    const [reason] = (await findingOf([group, aKeyWith(goodPolicy('us-east-1'))])).reasons;

    expect(reason?.fix).toContain('add this statement to the key policy of aws_kms_key.logs:\nstatement {\n  sid ');
    expect(reason?.fix).toContain(
      `  principals {\n    type        = "Service"\n    identifiers = ["logs.${REGION}.amazonaws.com"]`,
    );
    const statement = JSON.parse(reason?.fix.split('\n').at(-1) ?? '');
    const policy = JSON.parse(goodPolicy('us-east-1'));
    const repaired = JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] });
    expect(codesOf(await findingOf([group, aKeyWith(repaired)]))).toEqual([]);
  });

  describe('says where the policy is', () => {
    const other = goodPolicy('us-east-1');
    const document: Planned = {
      address: 'data.aws_iam_policy_document.d',
      values: { json: other },
      actions: ['read'],
    };
    const fromDocument = { policy: ['data.aws_iam_policy_document.d.json', 'data.aws_iam_policy_document.d'] };
    const resource: Planned = {
      address: 'aws_kms_key_policy.p',
      values: { policy: other },
      refs: { key_id: ['aws_kms_key.logs.id', 'aws_kms_key.logs'] },
    };
    const inModule = 'module.kms.aws_kms_key.this';
    const kms = (more: Modules[string] = {}): Modules => ({
      kms: { outputs: { arn: ['aws_kms_key.this.arn', 'aws_kms_key.this'] }, ...more },
    });
    const registry = { source: 'terraform-aws-modules/kms/aws' };

    it.each<[string, Planned[], Modules, string]>([
      ['a resource', [aKey(), resource], {}, 'aws_kms_key.logs, in aws_kms_key_policy.p'],
      [
        'a data source that Terraform has read',
        [{ ...aKeyWith(other), refs: fromDocument }, document],
        {},
        'aws_kms_key.logs, in data.aws_iam_policy_document.d',
      ],
      [
        'a data source of such a resource',
        [aKey(), { ...resource, refs: { ...resource.refs, ...fromDocument } }, document],
        {},
        'aws_kms_key.logs, in data.aws_iam_policy_document.d',
      ],
      ['a module of a directory', [aKeyWith(other, { address: inModule })], kms(), inModule],
      [
        'a module of a registry',
        [aKeyWith(other, { address: inModule })],
        kms(registry),
        `${inModule}, through an input of module.kms`,
      ],
      [
        'a data source in a module of a registry',
        [
          { ...aKeyWith(other, { address: inModule }), refs: fromDocument },
          { ...document, address: `module.kms.${document.address}` },
        ],
        kms(registry),
        `${inModule}, through an input of module.kms`,
      ],
      [
        'a data source that such a module gets',
        [{ ...aKeyWith(other, { address: inModule }), refs: { policy: ['var.policy'] } }, document],
        kms({ ...registry, inputs: { policy: { references: fromDocument.policy } } }),
        `${inModule}, in data.aws_iam_policy_document.d`,
      ],
    ])('%s', async (_, resources, modules, place) => {
      const references = modules['kms'] ? ['module.kms.arn', 'module.kms'] : LOGS_ARN;
      const { reasons } = await findingOf([aGroup(references), ...resources], { modules });

      expect(reasons[0]?.fix.split('\n')[0]).toBe(`add this statement to the key policy of ${place}:`);
    });

    it('also where a module of a registry gives its key none', async () => {
      const group = aGroup(['module.kms.arn', 'module.kms']);
      const { reasons } = await findingOf([group, aKey({ address: inModule })], { modules: kms(registry) });

      expect(reasons[0]?.fix).toMatch(
        /^add a key policy to module\.kms\.aws_kms_key\.this, through an input of module\.kms:/,
      );
    });
  });
});
