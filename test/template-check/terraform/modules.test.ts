import { describe, expect, it } from 'vitest';
import {
  aGroup,
  aKey,
  aKeyWith,
  aPlan,
  codesOf,
  findingOf,
  findingsOf,
  goodPolicy,
  LOGS_ARN,
  type Modules,
  type Planned,
} from './plans.ts';

/** A module that makes a log group, and takes its key from an input. */
const group = (more: Partial<Planned> = {}): Planned =>
  aGroup(['var.kms_key_id'], { address: 'module.app.aws_cloudwatch_log_group.this', ...more });
const key = (address: string, isGood = true): Planned =>
  isGood ? aKeyWith(goodPolicy(), { address }) : aKey({ address });
const from = (...references: string[]) => ({ kms_key_id: { references } });

describe('a log group in a module gets its key', () => {
  it('from an input that is a key of the root module', async () => {
    const modules: Modules = { app: { inputs: from(...LOGS_ARN) } };

    expect(await findingOf([group(), key('aws_kms_key.logs')], { modules })).toMatchObject({
      id: 'module.app.aws_cloudwatch_log_group.this',
      key: { id: 'aws_kms_key.logs' },
      status: 'COMPLIANT',
    });
  });

  it('from an input that is the output of another module', async () => {
    const modules: Modules = {
      app: { inputs: from('module.kms.key_arn', 'module.kms') },
      kms: { outputs: { key_arn: ['aws_kms_key.this[0].arn', 'aws_kms_key.this[0]', 'aws_kms_key.this'] } },
    };

    expect(await findingOf([group(), key('module.kms.aws_kms_key.this[0]', false)], { modules })).toMatchObject({
      key: { id: 'module.kms.aws_kms_key.this[0]' },
      verdict: 'MISSING_ACTIONS',
    });
  });

  it('from the id that is the output of another module: that is no ARN', async () => {
    const modules: Modules = {
      app: { inputs: from('module.kms.key_id', 'module.kms') },
      kms: { outputs: { key_id: ['aws_kms_key.this.key_id', 'aws_kms_key.this'] } },
    };

    const finding = await findingOf([group(), key('module.kms.aws_kms_key.this')], { modules });

    expect(codesOf(finding)).toEqual(['KEY_NOT_AN_ARN']);
    expect(finding.reasons[0]?.fix).toBe(
      'write in module.kms: aws_kms_key.this.arn in the place of aws_kms_key.this.key_id',
    );
  });

  it('through several levels of modules', async () => {
    const modules: Modules = {
      outer: { inputs: from(...LOGS_ARN) },
      'outer.middle': { inputs: from('var.kms_key_id') },
      'outer.middle.inner': { inputs: from('var.kms_key_id') },
    };
    const deep = group({ address: 'module.outer.module.middle.module.inner.aws_cloudwatch_log_group.this' });

    expect(await findingOf([deep, key('aws_kms_key.logs')], { modules })).toMatchObject({ verdict: 'ALLOWED' });
  });

  it('from an output of a module in a module', async () => {
    const modules: Modules = {
      kms: { outputs: { arn: ['module.inner.arn', 'module.inner'] } },
      'kms.inner': { outputs: { arn: ['aws_kms_key.this.arn', 'aws_kms_key.this'] } },
    };
    const own = aGroup(['module.kms.arn', 'module.kms']);

    expect(await findingOf([own, key('module.kms.module.inner.aws_kms_key.this')], { modules })).toMatchObject({
      verdict: 'ALLOWED',
    });
  });
});

describe('what is no ARN is replaced in the module that refers to the key', () => {
  const id = (address: string, attribute = 'key_id') => [`${address}.${attribute}`, address];
  const alias: Planned = {
    address: 'module.kms.aws_kms_alias.this',
    values: { name: 'alias/logs' },
    refs: { target_key_id: id('aws_kms_key.this') },
  };
  const output = (address: string, attribute?: string): Modules => ({
    app: { inputs: from('module.kms.key', 'module.kms') },
    kms: { outputs: { key: id(address, attribute) } },
  });
  const deep = 'module.app.module.inner.aws_cloudwatch_log_group.this';

  it.each<[string, Planned[], Modules, string]>([
    [
      'an instance of a key',
      [group(), key('module.kms[0].aws_kms_key.this["a"]')],
      output('aws_kms_key.this["a"]'),
      'module.kms: aws_kms_key.this["a"].arn in the place of aws_kms_key.this["a"].key_id',
    ],
    [
      'an alias',
      [group(), key('module.kms.aws_kms_key.this'), alias],
      output('aws_kms_alias.this', 'name'),
      'module.kms: aws_kms_alias.this.target_key_arn in the place of aws_kms_alias.this.name',
    ],
    [
      'a data source',
      [group(), { address: 'module.kms.data.aws_kms_key.found', unknown: { key_id: true }, actions: ['read'] }],
      output('data.aws_kms_key.found'),
      'module.kms: data.aws_kms_key.found.arn in the place of data.aws_kms_key.found.key_id',
    ],
    [
      'a value that the plan knows',
      [
        group({ values: { name: '/app/a', kms_key_id: '1234' }, unknown: {} }),
        { ...key('module.kms.aws_kms_key.this'), values: { key_id: '1234' } },
      ],
      output('aws_kms_key.this'),
      'module.kms: aws_kms_key.this.arn in the place of aws_kms_key.this.key_id',
    ],
    [
      'a key of the root module, two modules above',
      [group({ address: deep }), key('aws_kms_key.logs')],
      { app: { inputs: from(...id('aws_kms_key.logs')) }, 'app.inner': { inputs: from('var.kms_key_id') } },
      'the root module: aws_kms_key.logs.arn in the place of aws_kms_key.logs.key_id',
    ],
    [
      'an output beside one that is the ARN, by that one',
      [group(), key('module.kms.aws_kms_key.this')],
      {
        ...output('aws_kms_key.this'),
        kms: { outputs: { key: id('aws_kms_key.this'), arn: id('aws_kms_key.this', 'arn') } },
      },
      'the root module, in the block of module.app: kms_key_id = module.kms.arn',
    ],
  ])('%s', async (_, resources, modules, text) => {
    const { reasons } = await findingOf(resources, { modules });

    expect(reasons[0]).toMatchObject({ code: 'KEY_NOT_AN_ARN', fix: `write in ${text}` });
  });
});

describe('a local value, of which a plan has no definition, makes the key not known', () => {
  const whatever = ['local.arn', 'aws_kms_key.this.arn', 'aws_kms_key.this'];

  it.each<[string, Planned, Modules, RegExp]>([
    [
      'as an output',
      aGroup(['module.kms.arn', 'module.kms']),
      { kms: { outputs: { arn: ['local.arn'] } } },
      /local\.arn in module\.kms/,
    ],
    [
      'beside a key in an output',
      aGroup(['module.kms.arn', 'module.kms']),
      { kms: { outputs: { arn: whatever } } },
      /local\.arn in module\.kms/,
    ],
    [
      'beside a key in an input',
      group(),
      { app: { inputs: from('local.arn', ...LOGS_ARN) } },
      /var\.kms_key_id, which comes from local\.arn/,
    ],
  ])('%s', async (_, own, modules, because) => {
    const keys = [key('module.kms.aws_kms_key.this'), key('aws_kms_key.logs')];
    const finding = await findingOf([own, ...keys], { modules });

    expect(finding).toMatchObject({
      ...{ status: 'UNKNOWN', key: null },
      reasons: [{ code: 'KEY_UNDETERMINED', message: expect.stringMatching(because) }],
    });
    expect(finding.reasons[0]?.fix).toMatch(
      /^to settle it: replace local\.arn.* by its value, since a plan has no local values$/,
    );
  });

  it('unless the plan has the ARN', async () => {
    const arn = 'arn:aws:kms:eu-west-1:111122223333:key/a';
    const own = aGroup(null, { values: { name: '/app/a', kms_key_id: arn }, refs: { kms_key_id: ['module.kms.arn'] } });
    const known = { ...key('module.kms.aws_kms_key.this'), unknown: {} };
    const modules: Modules = { kms: { outputs: { arn: ['local.arn'] } } };

    expect(await findingOf([own, { ...known, values: { ...known.values, arn } }], { modules })).toMatchObject({
      ...{ status: 'COMPLIANT', key: { id: 'module.kms.aws_kms_key.this' } },
    });
  });

  it('unless another output of a module has it', async () => {
    const modules: Modules = {
      kms: { outputs: { tags: ['local.tags'], arn: ['aws_kms_key.this.arn', 'aws_kms_key.this'] } },
    };
    const own = aGroup(['module.kms.arn', 'module.kms']);

    expect(await findingOf([own, key('module.kms.aws_kms_key.this')], { modules })).toMatchObject({
      verdict: 'ALLOWED',
    });
  });
});

describe('instances', () => {
  const each = (index: string, references: string[]) =>
    aGroup(references, { address: `aws_cloudwatch_log_group.app["${index}"]`, values: { name: `/app/${index}` } });

  it('of a module by for_each take the key of their own instance', async () => {
    const modules: Modules = {
      app: { inputs: from('module.kms', 'each.key') },
      kms: { outputs: { arn: ['aws_kms_key.this.arn', 'aws_kms_key.this'] } },
    };
    const resources = ['a', 'b'].flatMap((name) => [
      group({ address: `module.app["${name}"].aws_cloudwatch_log_group.this` }),
      key(`module.kms["${name}"].aws_kms_key.this`, false),
    ]);

    expect((await findingsOf(aPlan(resources, { modules }))).map((finding) => finding.key?.id)).toEqual([
      'module.kms["a"].aws_kms_key.this',
      'module.kms["b"].aws_kms_key.this',
    ]);
  });

  it('of a log group by for_each take the key of the same key', async () => {
    const references = ['aws_kms_key.logs', 'each.key'];
    const keys = [key('aws_kms_key.logs["x.y"]', false), key('aws_kms_key.logs["z"]', false)];
    const findings = await findingsOf(aPlan([each('x.y', references), each('z', references), ...keys]));

    expect(findings.map((finding) => finding.key?.id)).toEqual(['aws_kms_key.logs["x.y"]', 'aws_kms_key.logs["z"]']);
  });

  it('of a log group by for_each are not paired by their own keys where the index is another value', async () => {
    const references = ['aws_kms_key.logs', 'each.value.key', 'each.value'];
    const keys = [key('aws_kms_key.logs["a"]', false), key('aws_kms_key.logs["b"]', false)];
    const [finding] = await findingsOf(aPlan([each('a', references), ...keys]));

    expect(finding).toMatchObject({ key: null });
  });

  it('of a module are told apart where a log group may take the key of each', async () => {
    const modules: Modules = { kms: { outputs: { arn: ['aws_kms_key.this.arn', 'aws_kms_key.this'] } } };
    const references = [0, 1].flatMap((index) => [`module.kms[${index}].arn`, `module.kms[${index}]`]);
    const keys = [key('module.kms[0].aws_kms_key.this'), key('module.kms[1].aws_kms_key.this', false)];

    expect(await findingOf([aGroup([...references, 'module.kms']), ...keys], { modules })).toMatchObject({
      status: 'UNKNOWN',
      reasons: [{ code: 'KEY_UNDETERMINED' }],
    });
  });

  it('by for_each over a map take the key that is in the map', async () => {
    const group = each('a', ['each.value.key', 'each.value']);
    const plan = aPlan([group, key('aws_kms_key.logs', false)]) as {
      configuration: { root_module: { resources: object[] } };
    };
    const [first, ...others] = plan.configuration.root_module.resources;
    const resources = [{ ...first, for_each_expression: { references: LOGS_ARN } }, ...others];

    expect(
      (await findingsOf({ ...plan, configuration: { ...plan.configuration, root_module: { resources } } }))[0],
    ).toMatchObject({ verdict: 'MISSING_ACTIONS' });
  });

  it('by count are told apart by their index', async () => {
    const references = ['aws_kms_key.logs[1].arn', 'aws_kms_key.logs[1]', 'aws_kms_key.logs'];
    const keys = [key('aws_kms_key.logs[0]', false), key('aws_kms_key.logs[1]')];

    expect(await findingOf([aGroup(references), ...keys])).toMatchObject({
      key: { id: 'aws_kms_key.logs[1]' },
      status: 'COMPLIANT',
    });
  });
});

it('addresses of resources in modules may be relative to the module, as before Terraform 0.13', async () => {
  const relative = {
    planned_values: {
      root_module: {
        child_modules: [
          {
            address: 'module.app',
            resources: [
              {
                ...{ address: 'aws_cloudwatch_log_group.this', mode: 'managed', type: 'aws_cloudwatch_log_group' },
                ...{ name: 'this', values: { name: '/app/a', kms_key_id: null } },
              },
            ],
          },
        ],
      },
    },
    resource_changes: [],
  };

  expect((await findingsOf({ ...aPlan([]), format_version: '0.1', ...relative }))[0]).toMatchObject({
    id: 'module.app.aws_cloudwatch_log_group.this',
    reasons: [{ code: 'NO_KEY' }],
  });
});

it('of outputs that refer to each other in a circle nothing is known', async () => {
  const modules: Modules = {
    a: { outputs: { x: ['module.b.x'] }, inputs: from('module.a.x') },
    'a.b': { outputs: { x: ['var.kms_key_id'] } },
  };

  expect(await findingOf([aGroup(['module.a.x', 'module.a'])], { modules })).toMatchObject({ status: 'UNKNOWN' });
});
