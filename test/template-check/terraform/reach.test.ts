import { describe, expect, it } from 'vitest';
import { aGroup, aKeyWith, findingOf, goodPolicy, LOGS_ARN, type Modules, type Planned } from './plans.ts';

const NAME = 'aws_cloudwatch_log_group.app';
const key = (address: string): Planned => aKeyWith(goodPolicy(), { address });
const arn = (address: string) => [`${address}.arn`, address];

describe('the fix for a log group without a key names the key as its module can refer to it', () => {
  const outputs = { id: ['aws_kms_key.a.key_id', 'aws_kms_key.a'], key_arn: arn('aws_kms_key.a') };

  it.each<[string, string, string, Modules, string]>([
    ['of the same module', 'module.m.', 'module.m.aws_kms_key.a', {}, 'kms_key_id = aws_kms_key.a.arn'],
    ['of for_each', '', 'aws_kms_key.a["x.y"]', {}, 'kms_key_id = aws_kms_key.a["x.y"].arn'],
    ['of a module with an output', '', 'module.k.aws_kms_key.a', { k: { outputs } }, 'kms_key_id = module.k.key_arn'],
    [
      'of a module in a module, with outputs',
      '',
      'module.k[0].module.i.aws_kms_key.a',
      { k: { outputs: { arn: ['module.i.key_arn', 'module.i'] } }, 'k.i': { outputs } },
      'kms_key_id = module.k[0].arn',
    ],
    [
      'of a module with an output that may be of other keys, which are not there',
      '',
      'module.k.aws_kms_key.a[0]',
      { k: { outputs: { arn: [...arn('aws_kms_key.a[0]'), ...arn('aws_kms_external_key.a[0]')] } } },
      'kms_key_id = module.k.arn',
    ],
    [
      'of a module with an output that a local value may give',
      '',
      'module.k.aws_kms_key.a',
      { k: { outputs: { arn: [...arn('aws_kms_key.a'), 'local.arn'] } } },
      'kms_key_id, with the arn of module.k.aws_kms_key.a, which has to come through an output of module.k',
    ],
    [
      'of a module without an output',
      '',
      'module.k.aws_kms_key.a',
      {},
      'kms_key_id, with the arn of module.k.aws_kms_key.a, which has to come through an output of module.k',
    ],
    [
      'of the root module',
      'module.m.',
      'aws_kms_key.a',
      {},
      'kms_key_id, with aws_kms_key.a.arn of the root module, which has to come through an input of module.m',
    ],
    [
      'of another module',
      'module.m.module.n.',
      'module.k.aws_kms_key.a',
      { k: { outputs } },
      'kms_key_id, with module.k.key_arn of the root module, which has to come through an input of module.m, then of module.m.module.n',
    ],
  ])('%s', async (_, prefix, address, modules, text) => {
    const group = aGroup(null, { address: `${prefix}${NAME}` });
    const absent = { address: 'module.k.aws_kms_external_key.a', count: ['var.external'], isAbsent: true };

    expect((await findingOf([group, key(address), absent], { modules })).reasons[0]?.fix).toBe(
      `write in the log group: ${text}`,
    );
  });

  it('that an input of its module gives', async () => {
    const group = aGroup(null, { address: `module.m.${NAME}`, refs: { kms_key_id: ['var.key_arn'] } });
    const text = 'write in the root module, in the block of module.m: key_arn = aws_kms_key';

    expect((await findingOf([group, key('aws_kms_key.a')])).reasons[0]?.fix).toBe(`${text}.a.arn`);
    expect((await findingOf([group])).reasons[0]?.fix).toMatch(/^declare a key whose policy .* and write in the root/);
  });
});

it('the log group to declare in a module has no name for the module itself', async () => {
  const lambda = { address: 'module.m.aws_lambda_function.f', unknown: { function_name: true } };
  const { reasons } = await findingOf([lambda, key('aws_kms_key.a')]);

  expect(reasons[0]?.fix).toBe(
    [
      'declare the log group:',
      'resource "aws_cloudwatch_log_group" "f" {',
      '  name       = "/aws/lambda/${aws_lambda_function.f.function_name}"',
      '  # kms_key_id, with aws_kms_key.a.arn of the root module, which has to come through an input of module.m',
      '}',
    ].join('\n'),
  );
});

it('the attribute of a data source is named as the module can refer to it', async () => {
  const data = { address: 'data.aws_kms_key.found', unknown: { arn: true, key_id: true }, actions: ['read'] };
  const modules: Modules = {
    m: { inputs: { key: { references: ['data.aws_kms_key.found.key_id', 'data.aws_kms_key.found'] } } },
  };
  const group = aGroup(['var.key'], { address: `module.m.${NAME}` });

  expect((await findingOf([group, data], { modules })).reasons[0]?.fix).toMatch(
    /^write in the root module, in the block of module\.m: key = data\.aws_kms_key\.found\.arn$/,
  );
  expect((await findingOf([aGroup(LOGS_ARN), key('aws_kms_key.logs')])).reasons).toEqual([]);
});
