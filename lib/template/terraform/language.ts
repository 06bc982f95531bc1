import { parseArn } from '../../domain/arn.ts';
import type { RepairStatement } from '../../domain/key-policy/build-statement.ts';
import type { DeclaredKey, TemplateLanguage } from '../../domain/template/model.ts';
import { shownText } from '../../domain/template/unknown.ts';
import { freeIds } from '../free-ids.ts';
import { moduleAddress, partsOf, type Step, stepsOf } from './addresses.ts';
import { inputOf, reach } from './reach.ts';
import { type ResourceIndex, resourceKey, resourceKeys } from './references.ts';

const LOG_GROUP = 'aws_cloudwatch_log_group';
const KEY = 'aws_kms_key';

/** What to add, in HCL. */
export function hclOf(index: ResourceIndex): TemplateLanguage {
  const freeId = freeIds(resourceKeys(index));
  const freeName = (path: readonly Step[], type: string, wanted: string, what: string) =>
    freeId(resourceKey(path, 'managed', type, wanted), what)
      .split('.')
      .at(-1);
  /** @param key null: one that is declared beside the resource, or where its module gets a key from */
  const reachOf = (id: string, key: DeclaredKey | null) => {
    const { path } = partsOf(id);
    const own = inputOf(index.configuration, id) === undefined ? path : path.slice(0, -1);
    return reach(index, id, key?.id ?? inModule(own, `${KEY}.${freeName(own, KEY, 'logs', '')}`), 'arn');
  };
  return {
    ...HCL,
    attachKey: (key, { id }) => reachOf(id, key).attach,
    logGroup: ({ id, name }, key) => {
      const { reference, attribute } = reachOf(id, key);
      const { path } = partsOf(id);
      return [
        `resource "${LOG_GROUP}" "${freeName(path, LOG_GROUP, stepsOf(id).at(-1)?.name ?? 'logs', name)}" {`,
        // A module has no name for itself.
        `  name       = ${JSON.stringify(shownText(name)).replaceAll(`\${${inModule(path, '')}`, '${')}`,
        reference === null ? `  # ${attribute}` : `  ${attribute}`,
        '}',
      ].join('\n');
    },
  };
}

function inModule(path: readonly Step[], address: string): string {
  return path.length === 0 ? address : `${moduleAddress(path)}.${address}`;
}

const HCL: Omit<TemplateLanguage, 'attachKey' | 'logGroup'> = {
  keyState: {
    KEY_DISABLED: 'is_enabled = true, or enabled = true where the key is a replica or has imported material',
    KEY_NOT_SYMMETRIC: 'customer_master_key_spec = "SYMMETRIC_DEFAULT", which makes a new key',
    KEY_WRONG_USAGE:
      'customer_master_key_spec = "SYMMETRIC_DEFAULT" and key_usage = "ENCRYPT_DECRYPT", which makes a new key',
  },
  principal: (name) => quoted(name),
  statement: (statement) => `${block(statement)}\n# or, in JSON or jsonencode:\n${JSON.stringify(statement)}`,
  policy: (statement) => `policy = jsonencode(${json(wholePolicy(statement))})`,
};

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
