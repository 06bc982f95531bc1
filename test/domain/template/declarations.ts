import { type Rules, rulesAt } from '../../../lib/domain/rules.ts';
import { templateFindings } from '../../../lib/domain/template/findings.ts';
import { inLogGroup } from '../../../lib/domain/template/in-log-group.ts';
import type {
  Declarations,
  DeclaredKey,
  DeclaredLogGroup,
  KeyReference,
  TemplateLanguage,
} from '../../../lib/domain/template/model.ts';
import { textOf, UNKNOWN_ACCOUNT, UNKNOWN_REGION } from '../../../lib/domain/template/unknown.ts';

export const REGION = textOf(UNKNOWN_REGION);
export const ACCOUNT = textOf(UNKNOWN_ACCOUNT);

/** A language in which what is added is easy to tell. */
const LANGUAGE: TemplateLanguage = {
  keyState: { KEY_DISABLED: 'enabled', KEY_NOT_SYMMETRIC: 'symmetric', KEY_WRONG_USAGE: 'for encryption' },
  attachKey: (key) => inLogGroup(`key = ${key?.id ?? 'NEW'}`),
  principal: (name) => `principal ${name}`,
  statement: ({ Action }) => `statement ${Action.join(' ')}`,
  policy: ({ Action }) => `policy ${Action.join(' ')}`,
  logGroup: ({ name }, key) => `group ${name} ${key?.id ?? 'NEW'}`,
};

export function aKey(more: Partial<DeclaredKey> = {}): DeclaredKey {
  return {
    file: 'a.yaml',
    line: 3,
    id: 'Key',
    arn: null,
    region: null,
    policy: { kind: 'DEFAULT' },
    spec: null,
    usage: null,
    enabled: null,
    lacksMaterial: false,
    ...more,
  };
}

/** A key whose policy has the account's root and these statements. */
export function keyWith(...statements: readonly object[]): DeclaredKey {
  const root = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' };
  const text = JSON.stringify({ Version: '2012-10-17', Statement: [root, ...statements] });
  return aKey({ policy: { kind: 'DOCUMENT', text } });
}

export function logsStatement(region: string, more: object = {}): object {
  return {
    Sid: 'Logs',
    Effect: 'Allow',
    Principal: { Service: `logs.${region}.amazonaws.com` },
    Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
    Resource: '*',
    ...more,
  };
}

export function onArn(pattern: string, operator = 'ArnLike'): object {
  return { Condition: { [operator]: { 'kms:EncryptionContext:aws:logs:arn': pattern } } };
}

export function aGroup(key: KeyReference, more: Partial<DeclaredLogGroup> = {}): DeclaredLogGroup {
  return { file: 'a.yaml', line: 12, id: 'Logs', name: '/app/a', key, ...more };
}

export function declared(more: Partial<Declarations>): Declarations {
  return { language: LANGUAGE, region: null, account: null, groups: [], keys: [], creators: [], ...more };
}

export const NOW = new Date('2026-11-29T00:00:00Z');

/** The finding of one log group under one key. */
export function findingUnder(
  key: DeclaredKey,
  more: Partial<Declarations> = {},
  group: Partial<DeclaredLogGroup> = {},
  rules: Rules = rulesAt(NOW),
) {
  const [finding] = templateFindings(
    declared({ groups: [aGroup({ kind: 'DECLARED', key }, group)], keys: [key], ...more }),
    rules,
  );
  if (!finding) throw new Error('there is no finding');
  return finding;
}
