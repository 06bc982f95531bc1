import { expect, it } from 'vitest';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { templateFindings } from '../../../lib/domain/template/findings.ts';
import { textOf } from '../../../lib/domain/template/unknown.ts';
import { aGroup, aKey, declared, keyWith, logsStatement, NOW, onArn, REGION } from './declarations.ts';

const keyFor = (id: string, pattern: string) => ({
  ...keyWith(logsStatement(REGION, onArn(`arn:aws:logs:*:*:log-group:${pattern}`))),
  id,
});

it.each([
  ['that works for every log group, even if another comes first', [keyFor('One', '/app/a'), keyFor('All', '*')], 'All'],
  ['that works for this one, where none works for all', [keyFor('Other', '/x'), keyFor('One', '/app/a')], 'One'],
])('the fix names the key %s', (_, keys, expected) => {
  const [finding] = templateFindings(declared({ groups: [aGroup({ kind: 'NONE' })], keys }), rulesAt(NOW));

  expect(finding?.reasons[0]?.fix).toBe(`write in the log group: key = ${expected}`);
});

it('the fix names no key that refuses some log groups for every one', () => {
  const deny = { ...logsStatement(REGION, onArn('arn:aws:logs:*:*:log-group:/secret/*')), Effect: 'Deny' };
  const keys = [{ ...keyWith(logsStatement(REGION), deny), id: 'Mostly' }];
  const groups = [aGroup({ kind: 'NONE' }, { name: '/secret/a' })];
  const [finding] = templateFindings(declared({ groups, keys }), rulesAt(NOW));

  expect(finding?.reasons[0]?.fix).toContain('declare a key');
});

it('the fix names a key of other log groups whose policy has to be put right first, where none works', () => {
  const key = aKey();
  const groups = [aGroup({ kind: 'DECLARED', key }), aGroup({ kind: 'NONE' }, { id: 'Other' })];
  const [, other] = templateFindings(declared({ groups, keys: [aKey({ id: 'Unused' }), key] }), rulesAt(NOW));

  expect(other?.reasons[0]?.fix).toBe(
    'write in the log group: key = Key, once the key policy of Key lets CloudWatch Logs use it',
  );
});

it('thousands of log groups beside many keys that refuse them are all evaluated', () => {
  const stage = textOf({ written: 'Stage', settledBy: '--parameter Stage=VALUE' });
  const keys = Array.from({ length: 50 }, (_, index) => keyFor(`Key${index}`, `/${stage}/${index}/*`));
  const groups = keys.flatMap((key) =>
    Array.from({ length: 100 }, (_, index) => [
      aGroup({ kind: 'NONE' }, { name: `/app/${stage}/${index}` }),
      aGroup({ kind: 'DECLARED', key }, { name: `/app/${stage}/${index}` }),
    ]).flat(),
  );

  expect(templateFindings(declared({ groups, keys }), rulesAt(NOW))).toHaveLength(10_000);
});
