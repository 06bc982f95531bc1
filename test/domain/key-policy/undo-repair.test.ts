import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SIDS } from '../../../lib/domain/key-policy/build-statement.ts';
import { OWN_KINDS } from '../../../lib/domain/key-policy/own-kinds.ts';
import { isSamePolicy } from '../../../lib/domain/key-policy/policy-text.ts';
import type { RepairScope } from '../../../lib/domain/key-policy/repair-scope.ts';
import { type PolicyUndo, undoRepair } from '../../../lib/domain/key-policy/undo-repair.ts';
import { elements, SEED, statements } from './arbitraries.ts';
import {
  ABOUT_A_LOG_GROUP,
  ABOUT_QUERY_RESULTS,
  ACCOUNT,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  type Json,
  KEY_ARN,
  LOG_GROUP_ARN,
  ROOT,
  readFor,
  repair,
  repaired,
} from './builders.ts';

const GROUPS = LOG_GROUP_ARN.replace('/app/example', '');
/** A statement that gives somebody else the key. */
const INTRUDER = {
  Sid: 'Admin',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::444455556666:root' },
  Action: 'kms:*',
  Resource: '*',
};
const BARE = aPolicy([ROOT]);
const scope = (name: string): RepairScope => ({ type: 'log-groups', pattern: `${GROUPS}${name}` });
const repairedFor = (text: string, name: string) => repaired(text, ABOUT_A_LOG_GROUP, scope(name)).text;
const statementsIn = (text: string): Json[] => JSON.parse(text).Statement;
const withAlso = (text: string, ...more: Json[]) => aPolicy([...statementsIn(text), ...more]);

interface Entry {
  readonly runId?: string;
  readonly from: string;
  readonly to: string;
}
const changeOf = ({ runId = 'run-1', ...texts }: Entry) => ({ runId, ...texts });

const undo = (now: string, entry: Entry, later: readonly Entry[] = []): PolicyUndo =>
  undoRepair(readFor(ABOUT_A_LOG_GROUP, now), changeOf(entry), later.map(changeOf));

/** @throws Error unless the policy would be replaced */
function undone(now: string, entry: Entry): string {
  const found = undo(now, entry);
  if (found.kind !== 'REPLACE') throw new Error(JSON.stringify(found));
  return found.text;
}

/** @throws Error unless it is refused */
function refusalOf(now: string, entry: Entry, later: readonly Entry[] = []) {
  const found = undo(now, entry, later);
  if (found.kind !== 'REFUSED') throw new Error(JSON.stringify(found));
  return found.refusal;
}

it('every Sid of a repair is one of the kinds that undo knows', () => {
  expect(OWN_KINDS.map(({ sid }) => sid)).toEqual(Object.values(SIDS));
});

describe('undo of a repair', () => {
  it('takes out the statement that the run added', () => {
    const after = repaired(BARE).text;

    expect(undone(after, { from: BARE, to: after })).toBe(BARE);
  });

  it('leaves what was changed elsewhere in the policy since, to the letter', () => {
    const after = repaired(BARE).text;
    const now = `{"Version":"2012-10-17","Id":"theirs","Statement":[${JSON.stringify(INTRUDER)},${JSON.stringify(statementsIn(after)[1])},${JSON.stringify(ROOT)}]}`;

    expect(undone(now, { from: BARE, to: after })).toBe(
      `{"Version":"2012-10-17","Id":"theirs","Statement":[${JSON.stringify(INTRUDER)},${JSON.stringify(ROOT)}]}`,
    );
  });

  it('knows the statement in any order of fields and any spacing', () => {
    const after = repaired(BARE).text;
    const [root, own] = statementsIn(after);
    const reversed = Object.fromEntries(Object.entries(own ?? {}).toReversed());

    expect(undone(JSON.stringify({ Statement: [root, reversed] }, null, 2), { from: BARE, to: after })).toBe(
      JSON.stringify({ Statement: [root] }, null, 2),
    );
  });

  it('takes out the statement for log groups, whatever a later run added for query results', () => {
    const first = repaired(BARE).text;
    const both = repaired(first, ABOUT_QUERY_RESULTS).text;

    const text = undone(both, { from: BARE, to: first });

    expect(statementsIn(text).map(({ Sid }) => Sid)).toEqual(['Root', 'LogsealQueryResults']);
    expect(undone(text, { from: first, to: both })).toBe(BARE);
  });

  it('has nothing to do where the policy is as it was before, or the statement is gone', () => {
    const after = repaired(BARE).text;

    expect(undo(BARE, { from: BARE, to: after })).toEqual({ kind: 'NOTHING_TO_DO' });
    expect(undo(withAlso(BARE, INTRUDER), { from: BARE, to: after })).toEqual({ kind: 'NOTHING_TO_DO' });
  });

  it('is taken back by undoing the undo', () => {
    const after = repaired(BARE).text;

    expect(undone(BARE, { from: after, to: BARE })).toBe(after);
    expect(undone(withAlso(BARE, INTRUDER), { from: after, to: BARE })).toBe(
      aPolicy([ROOT, INTRUDER, ...statementsIn(after).slice(1)]),
    );
  });
});

describe('undo of a repair that replaced an earlier statement', () => {
  const one = repairedFor(BARE, '/app/a');
  const two = repairedFor(one, '/app/b*');
  const three = repairedFor(two, '*');

  it('puts the earlier one back in its place, with all its log groups', () => {
    expect(undone(two, { from: one, to: two })).toBe(one);
    expect(undone(three, { from: two, to: three })).toBe(two);
    expect(undone(withAlso(three, INTRUDER), { from: two, to: three })).toBe(withAlso(two, INTRUDER));
  });

  it('and can be redone', () => {
    expect(undone(two, { from: three, to: two })).toBe(three);
  });

  it.each<[string, Json[]]>([
    ['the rest of the policy allows by now what the statement was for', [anAllow({ Sid: 'Theirs' })]],
    ['the rest of the policy allows a part of it', [anAllow({ Sid: 'Theirs', Action: 'kms:Decrypt' })]],
  ])('is refused where key repair would not write the earlier one now: %s', (_, more) => {
    const refusal = refusalOf(withAlso(two, ...more), { from: one, to: two });

    expect(refusal.code).toBe('JOURNAL_NOT_TRUSTED');
    expect(refusal.message).toContain('key repair would not write now');
    expect(refusal.message).toMatch(/ or somebody has forged the journal$/);
    expect(refusal.fix).toContain(`run: logseal key repair --key ${KEY_ARN} --region `);
  });

  it('is refused with the command that is for readers and writers, where the statement is theirs', () => {
    const forged = withAlso(BARE, anAllow({ Sid: 'LogsealReadersAndWriters' }));

    expect(refusalOf(BARE, { from: forged, to: BARE })).toMatchObject({
      code: 'JOURNAL_NOT_TRUSTED',
      fix: expect.stringMatching(/; if the key needs the statement, run: logseal key repair .* --readers-and-writers$/),
    });
  });

  it('is refused for what key repair is refused for', () => {
    const denied = withAlso(two, aDeny({ Sid: 'NoLogs' }));

    expect(refusalOf(denied, { from: one, to: two }).code).toBe('KEY_POLICY_DENIES');
  });

  it.each<[string, string | string[]]>([
    ['all log groups of every account', 'arn:aws:logs:us-east-1:*:log-group:*'],
    ['another account', 'arn:aws:logs:us-east-1:444455556666:log-group:*'],
    ['another Region', `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:*`],
    ['a pattern that key repair does not take', `${GROUPS}/a*b`],
    ['one of its own and one of another account', [`${GROUPS}/a`, 'arn:aws:logs:us-east-1:444455556666:log-group:/b']],
    ['nothing', []],
  ])('is refused where the journal has a statement for %s', (_, pattern) => {
    const own = statementsIn(one)[1] as Json;
    const forged = aPolicy([ROOT, { ...own, Condition: { ArnLike: { [CONTEXT]: pattern } } }]);

    expect(refusalOf(two, { from: forged, to: two }).code).toBe('JOURNAL_NOT_TRUSTED');
  });

  it.each<[string, Json]>([
    ['another principal', { Principal: { AWS: 'arn:aws:iam::444455556666:root' } }],
    ['another action', { Action: ['kms:*'] }],
    ['no condition', { Condition: {} }],
    ['another effect', { Effect: 'Deny' }],
  ])("is refused where the journal has logseal's Sid with %s", (_, elementsOf) => {
    const own = statementsIn(one)[1] as Json;

    const refusal = refusalOf(two, { from: aPolicy([ROOT, { ...own, ...elementsOf }]), to: two });

    expect(refusal.code).toBe('JOURNAL_NOT_TRUSTED');
  });
});

describe('undo of a repair is refused', () => {
  const after = repaired(BARE).text;
  const ENTRY = { from: BARE, to: after };

  it.each<[string, Entry]>([
    ['adds a statement of somebody else', { from: withAlso(after, INTRUDER), to: after }],
    ['adds one beside the own statement', { from: withAlso(BARE, INTRUDER), to: after }],
    ['changes another statement', { from: aPolicy([{ ...ROOT, Principal: { AWS: '444455556666' } }]), to: after }],
    ['changes the order of the others', { from: aPolicy([INTRUDER, ROOT]), to: withAlso(aPolicy([ROOT, INTRUDER])) }],
    ['changes nothing', { from: after, to: after }],
    ['changes what is no statement', { from: JSON.stringify({ ...JSON.parse(BARE), Id: 'x' }), to: after }],
    ['changes two of the own statements', { from: BARE, to: repaired(after, ABOUT_QUERY_RESULTS).text }],
    ['is no policy before', { from: 'not JSON', to: after }],
    ['is no policy after', { from: BARE, to: '{}' }],
    ['is nested without end', { from: '['.repeat(100_000), to: after }],
  ])('where the entry %s, which logseal does not do', (_, entry) => {
    const refusal = refusalOf(after, entry);

    expect(refusal.code).toBe('JOURNAL_NOT_TRUSTED');
    expect(refusal.message).toBe(
      'what the journal has of run run-1 is not a change that logseal makes: that would be of the statement "LogsealLogGroups" or "LogsealQueryResults" or "LogsealReadersAndWriters" or "LogsealOrganization", and of nothing else',
    );
    expect(refusal.fix).toContain(`the key policy of ${KEY_ARN}`);
  });

  it('where the own statement was edited by hand since', () => {
    const [root, own] = statementsIn(after);
    const edited = aPolicy([root, { ...own, Action: 'kms:Encrypt' }]);

    expect(refusalOf(edited, ENTRY)).toMatchObject({
      code: 'KEY_POLICY_CHANGED',
      message: 'somebody else has changed the statement "LogsealLogGroups" since run run-1',
      fix: `take the statement "LogsealLogGroups" out of the key policy of ${KEY_ARN} by hand, or change it there`,
    });
  });

  it('where the own statement was taken out by hand since, and would not have been before the run', () => {
    const two = repairedFor(repairedFor(BARE, '/a'), '/b');

    expect(refusalOf(BARE, { from: repairedFor(BARE, '/a'), to: two })).toMatchObject({
      code: 'KEY_POLICY_CHANGED',
      message: 'somebody else has taken out the statement "LogsealLogGroups" since run run-1',
    });
  });

  it('where a later run of logseal widened the statement, and that run is named', () => {
    const one = repairedFor(BARE, '/a');
    const two = repairedFor(one, '/b');
    const later = [{ runId: 'run-2', from: one, to: two }];

    expect(refusalOf(two, { from: BARE, to: one }, later)).toMatchObject({
      code: 'KEY_POLICY_CHANGED',
      message: 'run run-2 of logseal changed the statement "LogsealLogGroups" after run run-1',
      fix: 'take run run-2 back first',
    });
    expect(undone(undone(two, { from: one, to: two }), { from: BARE, to: one })).toBe(BARE);
  });

  it('where somebody edited the statement by hand, without blaming a later run that changed another one', () => {
    const [root, own] = statementsIn(after);
    const edited = aPolicy([root, { ...own, Action: 'kms:Encrypt' }]);
    const later = [{ runId: 'run-2', from: edited, to: repaired(edited, ABOUT_QUERY_RESULTS).text }];

    expect(refusalOf(later[0]?.to ?? '', ENTRY, later).message).toMatch(/^somebody else has changed the statement/);
  });

  it("where a statement with logseal's Sid is none that logseal would write, though the journal has it", () => {
    const theirs = aPolicy([ROOT, aDeny({ Sid: 'LogsealLogGroups' })]);

    expect(refusalOf(theirs, { from: BARE, to: theirs })).toMatchObject({
      code: 'KEY_POLICY_AMBIGUOUS',
      fix: expect.stringContaining('by hand'),
    });
  });

  it('where the policy cannot be written again without losing something', () => {
    const twice = after.replace('"Version"', '"Id":"a","Id":"b","Version"');
    const sids = withAlso(after, { ...INTRUDER, Sid: 'Root' });

    expect(refusalOf(twice, ENTRY)).toMatchObject({
      code: 'KEY_POLICY_AMBIGUOUS',
      fix: 'remove one of the two fields called "Id", then undo again',
    });
    expect(refusalOf(sids, ENTRY).code).toBe('KEY_POLICY_AMBIGUOUS');
  });

  it.each<[string, Json[]]>([
    ['LOCKS_OUT', [{ ...ROOT, Action: 'kms:Decrypt' }]],
    ['PRINCIPAL_ORPHAN', [ROOT, { ...INTRUDER, Principal: { AWS: 'AROAEXAMPLEROLEID1234' } }]],
  ])('where KMS would not accept the new policy: %s', (code, others) => {
    const refusal = refusalOf(aPolicy([...others, ...statementsIn(after).slice(1)]), ENTRY);

    expect(refusal.code).toBe(code);
    expect(refusal.message).toMatch(/^KMS would not accept the key policy without logseal's statement: /);
  });

  it('where nothing would be left, and where the policy cannot be read', () => {
    const alone = aPolicy(statementsIn(after).slice(1));

    expect(refusalOf(alone, ENTRY)).toMatchObject({ code: 'KEY_POLICY_UNREADABLE', message: 'Statement is empty' });
    expect(refusalOf('{', ENTRY).code).toBe('KEY_POLICY_UNREADABLE');
  });
});

describe('a statement for other accounts', () => {
  const MEMBER = '444455556666';
  const groupsOf = (account: string): RepairScope => ({
    type: 'log-groups',
    pattern: `${GROUPS.replace(ACCOUNT, account)}*`,
  });
  const principalsOf = (account: string): RepairScope =>
    ({ ...groupsOf(account), type: 'readers-and-writers' }) as RepairScope;
  const results = (account: string): RepairScope => ({ type: 'query-results', account });
  const organization = (orgId: string): RepairScope => ({
    type: 'organization',
    orgId,
    pattern: `${GROUPS.replace(ACCOUNT, '*')}*`,
  });
  const kinds: [string, (name: string) => RepairScope, string][] = [
    ['log groups', groupsOf, MEMBER],
    ['query results', results, MEMBER],
    ['principals', principalsOf, MEMBER],
    ['organizations', organization, 'o-a1b2c3d4e5'],
  ];
  const add = (text: string, wanted: RepairScope) => repaired(text, ABOUT_A_LOG_GROUP, wanted).text;

  it.each(kinds)('of %s is taken out', (_what, scopeOf, name) => {
    const after = add(BARE, scopeOf(name));

    expect(undone(after, { from: BARE, to: after })).toBe(BARE);
  });

  it.each(kinds)('of %s is put back in the place of one that names them too', (_what, scopeOf, name) => {
    const one = add(BARE, scopeOf(name));
    const two = add(one, scopeOf(name.startsWith('o-') ? 'o-9999999999' : '777788889999'));

    expect(statementsIn(two)).toHaveLength(2);
    expect(undone(two, { from: one, to: two })).toBe(one);
  });

  it.each(kinds)(
    'of %s is not put back for whom the key policy does not name now, as a forged journal may have it',
    (_what, scopeOf, name) => {
      const forged = add(BARE, scopeOf(name));
      const { code, message, fix } = refusalOf(BARE, { from: forged, to: BARE });

      expect(code).toBe('JOURNAL_NOT_TRUSTED');
      expect(message).toContain(`which the key policy does not name now, so it is not put back: ${name}`);
      // What a person copies has nothing from the journal.
      expect(fix).not.toContain(name);
    },
  );

  it('of its own account and another is put back for neither', () => {
    const forged = add(add(BARE, groupsOf(ACCOUNT)), groupsOf(MEMBER));
    const own = add(BARE, groupsOf(ACCOUNT));

    expect(refusalOf(own, { from: forged, to: own }).code).toBe('JOURNAL_NOT_TRUSTED');
  });
});

describe('random policies', () => {
  const names = elements('/app/example', '/app/*', '*', '/other');
  const texts = fc
    .tuple(statements, elements<string | number | undefined>(undefined, 2, '\t'))
    .map(([some, indent]) => JSON.stringify({ Version: '2012-10-17', Statement: [ROOT, ...some] }, null, indent));
  const repairFor = (text: string, name: string) => {
    const found = repair(text, ABOUT_A_LOG_GROUP, scope(name));
    return found.kind === 'REPAIR' ? found.text : null;
  };

  it('survive repairs and their undo, the last one first, and each redo', () => {
    let twice = 0;
    fc.assert(
      fc.property(texts, names, names, (before, first, second) => {
        const one = repairFor(before, first);
        if (one === null) return;
        expect(isSamePolicy(undone(one, { from: before, to: one }), before)).toBe(true);
        expect(isSamePolicy(undone(before, { from: one, to: before }), one)).toBe(true);
        const two = repairFor(one, second);
        if (two === null) return;
        const back = undo(two, { from: one, to: two });
        // Elsewhere the earlier statement has actions that key repair would leave out for its log groups alone.
        if (back.kind === 'REFUSED') expect(back.refusal.code).toBe('JOURNAL_NOT_TRUSTED');
        else if (back.kind === 'REPLACE') {
          twice++;
          expect(isSamePolicy(back.text, one)).toBe(true);
        }
      }),
      { numRuns: 300, seed: SEED },
    );
    expect(twice).toBeGreaterThan(8);
  });

  it('never take a statement from the journal: all others stay, and an own one is what key repair writes', () => {
    const kinds: Record<string, number> = {};
    const own = names.map((name) => statementsIn(repairedFor(BARE, name)).slice(-1));
    const forged = fc
      .tuple(texts, fc.oneof(own, fc.constant<Json[]>([]), statements), elements(true, false))
      .map(([text, more, isIntruded]) => withAlso(text, ...more, ...(isIntruded ? [INTRUDER] : [])));
    const histories = fc.oneof(
      fc.tuple(forged, forged, forged),
      fc.tuple(texts, own, own).map(([text, was, became]) => {
        const to = withAlso(text, ...became);
        return [to, withAlso(text, ...was), to] as const;
      }),
    );
    fc.assert(
      fc.property(histories, ([now, from, to]) => {
        const found = undo(now, { from, to });
        kinds[found.kind] = (kinds[found.kind] ?? 0) + 1;
        if (found.kind !== 'REPLACE') return;
        const isOwn = ({ Sid }: Json) => Object.values(SIDS).includes(String(Sid));
        const others = (text: string) => JSON.stringify(statementsIn(text).filter((each) => !isOwn(each)));
        expect(others(found.text)).toBe(others(now));
        for (const statement of statementsIn(found.text).filter(isOwn)) {
          const without = aPolicy(statementsIn(found.text).filter((each) => !isOwn(each)));
          const [pattern] = [Object.values(statement.Condition as Json)[0] as Json].map((each) => each[CONTEXT]);
          const again = repairFor(without, String(pattern).slice(GROUPS.length));
          expect(statementsIn(again ?? '{}')).toContainEqual(statement);
        }
      }),
      { numRuns: 800, seed: SEED },
    );
    expect(kinds['REPLACE'], JSON.stringify(kinds)).toBeGreaterThan(50);
    expect(kinds['REFUSED'], JSON.stringify(kinds)).toBeGreaterThan(120);
  });
});
