import { describe, expect, it } from 'vitest';
import { aGroup, aKeyWith, aPlan, findingsOf, goodPolicy, type Modules, readPlan } from './plans.ts';

describe('a large plan', () => {
  it('of 10,000 resources is evaluated whole', async () => {
    const groups = Array.from({ length: 5_000 }, (_, index) => [
      aGroup(['aws_kms_key.logs', 'count.index'], {
        address: `aws_cloudwatch_log_group.app[${index}]`,
        values: { name: `/app/${index}` },
      }),
      aKeyWith(goodPolicy(), { address: `aws_kms_key.logs[${index}]` }),
    ]).flat();
    const text = JSON.stringify(aPlan(groups));

    const findings = await findingsOf(text);

    expect(findings).toHaveLength(5_000);
  });

  it('of modules in modules is read however deep they are', async () => {
    const names = Array.from({ length: 500 }, (_, index) => `m${index}`);
    const paths = names.map((_, index) => names.slice(0, index + 1).join('.'));
    const inputs = { kms_key_id: { references: ['var.kms_key_id'] } };
    const modules: Modules = Object.fromEntries(
      paths.map((path, index) => [
        path,
        { inputs: index === 0 ? { kms_key_id: { references: ['aws_kms_key.logs.arn'] } } : inputs },
      ]),
    );
    const address = `${names.map((name) => `module.${name}`).join('.')}.aws_cloudwatch_log_group.app`;

    const findings = await findingsOf(
      aPlan([aGroup(['var.kms_key_id'], { address }), aKeyWith(goodPolicy())], { modules }),
    );

    expect(findings[0]).toMatchObject({ id: address, verdict: 'ALLOWED' });
  });

  it('in which each log group may have each key is evaluated whole', async () => {
    const indexes = Array.from({ length: 5_000 }, (_, index) => index);
    const groups = indexes.map((index) =>
      aGroup(['aws_kms_key.logs', 'each.key'], {
        address: `aws_cloudwatch_log_group.app["g${index}"]`,
        values: { name: `/app/${index}` },
      }),
    );
    const keys = indexes.map((index) => aKeyWith(goodPolicy(), { address: `aws_kms_key.logs[${index}]` }));
    const text = JSON.stringify(aPlan([...groups, ...keys]));

    const findings = await findingsOf(text);

    expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['UNKNOWN']));
  });

  it('of 10,000 functions beside log groups whose names are not known is evaluated whole', async () => {
    const resources = Array.from({ length: 5_000 }, (_, index) => [
      { address: `aws_lambda_function.api[${index}]`, values: { function_name: `a${index}` } },
      { address: `aws_lambda_function.api["${index}"]`, values: { function_name: `b${index}` } },
      ...(index < 2_000
        ? [
            aGroup(null, {
              address: `aws_cloudwatch_log_group.app[${index}]`,
              values: { name_prefix: `/app/${index}-` },
              unknown: { name: true },
            }),
          ]
        : []),
    ]).flat();
    const text = JSON.stringify(aPlan(resources));

    const findings = await findingsOf(text);

    expect(findings.filter(({ reasons }) => reasons[0]?.code === 'IMPLICIT_LOG_GROUP')).toHaveLength(10_000);
  });

  it('in which an expression refers to very much lists only the first of it', async () => {
    const references = Array.from({ length: 100_000 }, (_, index) => `local.a${index}`);
    const [finding] = await findingsOf(aPlan([aGroup(references)]));

    expect(finding?.reasons[0]?.message).toMatch(/depends on local\.a0, .* and 99995 more$/);
  });

  it('that is nested without end is refused', async () => {
    const text = `{"format_version":"1.2","planned_values":${'['.repeat(2_000_000)}`;

    expect((await readPlan(text))?.mistakes[0]?.message).toBe('it is nested more than 10,000 levels deep');
  });
});
