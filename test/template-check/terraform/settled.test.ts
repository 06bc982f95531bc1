import { expect, it } from 'vitest';
import { aGroup, findingOf } from './plans.ts';

const first = (address: string) => `apply ${address} first, with terraform apply -target, then make a new plan`;

it.each<[string, string[], string]>([
  ['a local value', ['local.key'], 'replace local.key by its value, since a plan has no local values'],
  [
    'local values',
    ['local.a', 'local.b'],
    'replace local.a, local.b by their values, since a plan has no local values',
  ],
  ['a resource', ['aws_ssm_parameter.p["x.y"].value', 'var.use'], first('aws_ssm_parameter.p["x.y"]')],
  ['a data source', ['data.aws_ssm_parameter.p.value', 'data.aws_ssm_parameter.p'], first('data.aws_ssm_parameter.p')],
  ['an output of a module', ['module.a.key', 'module.a'], first('module.a')],
  ['a value of for_each', ['each.value'], 'make a plan in which each.value is known'],
])('what depends on %s says how to settle it before the apply', async (_, references, text) => {
  const resource = { address: 'aws_ssm_parameter.p["x.y"]', unknown: { value: true } };

  expect((await findingOf([aGroup(references), resource])).reasons).toMatchObject([
    { code: 'KEY_UNDETERMINED', fix: `to settle it: ${text}` },
  ]);
});
