import { parseArn } from '../../domain/arn.ts';
import type { RepairStatement } from '../../domain/key-policy/build-statement.ts';
import type { DeclaredKey, TemplateLanguage } from '../../domain/template/model.ts';
import { shownText } from '../../domain/template/unknown.ts';
import { stepsOf } from './addresses.ts';

/** What to add, in HCL. */
export const HCL: TemplateLanguage = {
  keyState: {
    KEY_DISABLED: 'is_enabled = true',
    KEY_NOT_SYMMETRIC: 'customer_master_key_spec = "SYMMETRIC_DEFAULT", which makes a new key',
    KEY_WRONG_USAGE:
      'customer_master_key_spec = "SYMMETRIC_DEFAULT" and key_usage = "ENCRYPT_DECRYPT", which makes a new key',
  },
  keyAttribute: (key) => `kms_key_id = ${keyArn(key)}${elsewhere(key)}`,
  statement: (statement) => `${block(statement)}\n# or, in JSON or jsonencode:\n${JSON.stringify(statement)}`,
  policy: (statement) => `policy = jsonencode(${json(wholePolicy(statement))})`,
  logGroup: ({ id, name }, key) =>
    [
      `resource "aws_cloudwatch_log_group" "${stepsOf(id).at(-1)?.name ?? 'logs'}" {`,
      `  name       = ${JSON.stringify(shownText(name))}`,
      `  kms_key_id = ${keyArn(key)}${elsewhere(key)}`,
      '}',
    ].join('\n'),
};

function keyArn(key: DeclaredKey | null): string {
  if (!key) return 'aws_kms_key.logs.arn';
  const steps = stepsOf(key.id);
  const own = steps
    .slice(-2)
    .map(({ name, index }) => (index === undefined ? name : `${name}[${JSON.stringify(index)}]`));
  return `${own.join('.')}.arn`;
}

/** A key of a module has no name outside it. */
function elsewhere(key: DeclaredKey | null): string {
  const at = key?.id.lastIndexOf(keyArn(key).slice(0, -'.arn'.length)) ?? 0;
  return at > 0 ? ` # in ${key?.id.slice(0, at - 1)}; elsewhere, an output of it` : '';
}

function block({ Sid, Effect, Principal, Action, Resource, Condition }: RepairStatement): string {
  const [[type, identifier] = ['AWS', '*']] = Object.entries(Principal);
  const conditions = Object.entries(Condition).flatMap(([test, variables]) =>
    Object.entries(variables).map(([variable, values]) => [
      '  condition {',
      `    test     = ${quoted(test)}`,
      `    variable = ${quoted(variable)}`,
      `    values   = ${list([values].flat())}`,
      '  }',
    ]),
  );
  return [
    'statement {',
    `  sid       = ${quoted(Sid)}`,
    `  effect    = ${quoted(Effect)}`,
    `  actions   = ${list(Action)}`,
    `  resources = ${list([Resource])}`,
    '  principals {',
    `    type        = ${quoted(type)}`,
    `    identifiers = ${list([identifier])}`,
    '  }',
    ...conditions.flat(),
    '}',
  ].join('\n');
}

/** KMS's default statement, without which nobody could change the policy, and this one. */
function wholePolicy(statement: RepairStatement): object {
  const [arn] = Object.values(statement.Condition).flatMap((variables) => Object.values(variables).flat());
  const { partition = 'aws', account = 'ACCOUNT' } = parseArn(arn ?? '') ?? {};
  const root = {
    Sid: 'Account',
    Effect: 'Allow',
    Principal: { AWS: `arn:${partition}:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  return { Version: '2012-10-17', Statement: [root, statement] };
}

function json(value: object): string {
  return JSON.stringify(value, null, 2);
}

function list(values: readonly string[]): string {
  return `[${values.map(quoted).join(', ')}]`;
}

/** A policy variable is none of Terraform's references. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('${', '$${');
}
