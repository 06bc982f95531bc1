import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REQUIRED_ACTIONS } from '../../../lib/domain/key-policy/actions.ts';
import { documentProblems } from '../../../lib/domain/key-policy/document.ts';
import { isSamePolicy } from '../../../lib/domain/key-policy/policy-text.ts';
import type { RepairNotes } from '../../../lib/domain/key-policy/repair-notes.ts';
import { onlyScope, type RepairScope, subjectIn, wholeScope } from '../../../lib/domain/key-policy/repair-scope.ts';
import { type PolicySubject, serviceCall } from '../../../lib/domain/key-policy/service-call.ts';
import { effectsOf } from '../../../lib/domain/key-policy/verdict.ts';
import { matchesWildcard } from '../../../lib/domain/key-policy/wildcard.ts';
import { elements, questions, SEED, statements } from './arbitraries.ts';
import {
  ABOUT_A_LOG_GROUP,
  ACCOUNT,
  anAllow,
  CONTEXT,
  evaluateText,
  type Json,
  LOG_GROUP_ARN,
  type Question,
  ROOT,
  readFor,
  repair,
} from './builders.ts';

const OTHER_ACCOUNT = '444455556666';

/** A document in which each number is known by how it is written. */
const asWritten = (text: string): Json =>
  (JSON.parse as (text: string, reviver: (name: string, value: unknown, at: { source: string }) => unknown) => Json)(
    text,
    (_name, value, { source }) => (typeof value === 'number' ? `the number ${source}` : value),
  );
/** The required actions that CloudWatch Logs certainly may use. */
function allowedBy(text: string, question: Question): string[] {
  const policy = readFor(question, text);
  if (policy.status === 'MALFORMED') return [];
  const effects = effectsOf(policy, serviceCall(policy.service, question.subject), REQUIRED_ACTIONS);
  return REQUIRED_ACTIONS.filter((action) => effects[action].effect === 'ALLOW');
}
const listOf = (document: Json): Json[] => [document.Statement].flat() as Json[];
const bytes = (text: string) => Buffer.byteLength(text);

/** The log groups whose name begins as that of the subject does. */
function beginningScope(subject: PolicySubject): RepairScope {
  if (subject.type === 'query-results') return subject;
  return { type: 'log-groups', pattern: subject.arn.replace(/[^/]*$/, '*') };
}

/** Log stores in many places: in a scope, in the log groups of an earlier repair, and elsewhere. */
const STORES: readonly PolicySubject[] = [
  ...[
    LOG_GROUP_ARN,
    `${LOG_GROUP_ARN}2`,
    LOG_GROUP_ARN.replace('/app/', '/other/'),
    LOG_GROUP_ARN.replace('/app/', '/app-'),
    LOG_GROUP_ARN.replace(ACCOUNT, OTHER_ACCOUNT),
  ].map((arn) => ({ type: 'log-group', arn }) as const),
  { type: 'query-results', account: ACCOUNT },
  { type: 'query-results', account: OTHER_ACCOUNT },
];

/** Whether a repair said that it is for a log store: it asked for that, or its statement goes on covering it. */
function isAnnounced(store: PolicySubject, scope: RepairScope, { alsoCovers }: RepairNotes): boolean {
  if (store.type === 'query-results') return scope.type === 'query-results' && store.account === scope.account;
  const asked = scope.type === 'log-groups' ? [scope.pattern] : [];
  return [...asked, ...alsoCovers].some((pattern) => matchesWildcard(pattern, store.arn));
}

describe('for every policy', () => {
  const extras = fc.record(
    {
      Id: elements('key-default-1', ''),
      ['__proto__']: fc.constant({ Statement: [] }),
      Comment: fc.jsonValue({ maxDepth: 2 }),
      Number: elements('12345678901234567890', '1e999', '0.10', '-0'),
    },
    { requiredKeys: [] },
  );
  const scopes = elements(onlyScope, wholeScope, beginningScope);
  const sids = elements(undefined, undefined, 'LogsealLogGroups', 'LogsealQueryResults');
  /** What an earlier repair may have added. */
  const earlier = elements<Json[]>(
    [],
    [anAllow({ Sid: 'LogsealLogGroups', Action: 'kms:Encrypt', Condition: { ArnLike: { [CONTEXT]: LOG_GROUP_ARN } } })],
    [
      anAllow({
        Sid: 'LogsealLogGroups',
        Action: ['kms:Decrypt', 'kms:ReEncrypt*'],
        Condition: { ArnLike: { [CONTEXT]: [`${LOG_GROUP_ARN}2`, LOG_GROUP_ARN.replace('/app/', '/other/')] } },
      }),
    ],
    [
      anAllow({
        Sid: 'LogsealLogGroups',
        Action: 'kms:GenerateDataKey*',
        Condition: { ArnLike: { [CONTEXT]: ['arn:aws:logs:*', LOG_GROUP_ARN.replace('example', '?')] } },
      }),
    ],
    [
      anAllow({
        Sid: 'LogsealQueryResults',
        Action: 'kms:Encrypt',
        Condition: {
          ArnLike: { 'aws:SourceArn': `arn:aws:logs:us-east-1:${ACCOUNT}:query-result:*` },
          StringEquals: { 'aws:SourceAccount': ACCOUNT },
        },
      }),
    ],
  );
  const texts = fc
    .tuple(statements, sids, earlier, fc.nat(), extras, elements<string | number | undefined>(undefined, 2, '\t'))
    .map(([some, sid, added, at, more, indent]) => {
      const own = some.map((one, index) => (index === at % some.length && sid ? { Sid: sid, ...one } : one));
      // Without the statement for the owner, KMS would accept hardly any of the policies.
      const named = at % 10 === 0 ? own : [ROOT, ...own, ...(sid ? [] : added)];
      const isBare = at % 2 === 0;
      const document = { ...more, Version: '2012-10-17', Statement: isBare && named.length === 1 ? named[0] : named };
      return JSON.stringify(document, null, indent).replace(/("Number": ?)"([^"]+)"/, '$1$2');
    });

  it('a repair changes one statement only, and fixes it', () => {
    const kinds: Record<string, number> = {};
    fc.assert(
      fc.property(texts, questions, scopes, (text, asked, scopeOf) => {
        const scope = scopeOf(asked.subject);
        const question = { ...asked, subject: subjectIn(scope) };
        const found = repair(text, question, scope);
        kinds[found.kind] = (kinds[found.kind] ?? 0) + 1;
        const { verdict } = evaluateText(text, question);
        expect(found.kind === 'NONE_NEEDED').toBe(verdict === 'ALLOWED');
        if (found.kind !== 'REPAIR') return;
        expect(documentProblems(readFor(question, found.text))).toEqual([]);

        const before = asWritten(text);
        const after = asWritten(found.text);
        const old = listOf(before);
        const replaced = old.findIndex(({ Sid }) => Sid === found.statement.Sid);
        if (replaced !== -1) kinds.REPLACED = (kinds.REPLACED ?? 0) + 1;
        const place = replaced === -1 ? old.length : replaced;
        expect(listOf(after)[place]).toEqual(found.statement);
        // Compared as text, because equality of objects ignores the order of fields.
        expect(JSON.stringify({ ...after, Statement: listOf(after).toSpliced(place, 1) })).toBe(
          JSON.stringify({ ...before, Statement: replaced === -1 ? old : old.toSpliced(place, 1) }),
        );
        expect(Object.keys(after)).toEqual(Object.keys(before));
        expect(evaluateText(found.text, question).verdict).toBe('ALLOWED');
        expect(bytes(found.text)).toBeLessThanOrEqual(32_768);
        // A Deny for one log group of several stays in force.
        if (!old.some(({ Effect }) => Effect === 'Deny')) {
          expect(evaluateText(found.text, asked).verdict).toBe('ALLOWED');
        }
        expect(repair(found.text, question, scope).kind).toBe('NONE_NEEDED');
        expect(isSamePolicy(text, found.text)).toBe(false);
        expect(found.notes.alsoCovers.length === 0 || replaced !== -1).toBe(true);
        if (found.notes.alsoCovers.length > 0) kinds.ALSO = (kinds.ALSO ?? 0) + 1;
        for (const subject of STORES) {
          const had = allowedBy(text, { ...question, subject });
          const has = allowedBy(found.text, { ...question, subject });
          expect(has, `${JSON.stringify(subject)} loses nothing`).toEqual(expect.arrayContaining(had));
          if (!isAnnounced(subject, scope, found.notes)) expect(has, JSON.stringify(subject)).toEqual(had);
        }
        // KMS may return a policy with other spacing.
        expect(isSamePolicy(text, text.replaceAll(/\n\s*/g, ' '))).toBe(true);
      }),
      { numRuns: 3000, seed: SEED },
    );
    expect(kinds.REPAIR, JSON.stringify(kinds)).toBeGreaterThan(750);
    expect(kinds.REPLACED, JSON.stringify(kinds)).toBeGreaterThan(100);
    expect(kinds.ALSO, JSON.stringify(kinds)).toBeGreaterThan(50);
  });

  it('a repair of a damaged policy never throws', () => {
    fc.assert(
      fc.property(
        texts,
        fc.nat(),
        fc.nat(20),
        fc.string({ unit: 'binary', maxLength: 4 }),
        (text, at, length, insert) => {
          const start = at % text.length;
          const damaged = text.slice(0, start) + insert + text.slice(start + length);
          const found = repair(damaged, ABOUT_A_LOG_GROUP, onlyScope(ABOUT_A_LOG_GROUP.subject));
          if (found.kind === 'REPAIR') {
            expect(evaluateText(found.text, ABOUT_A_LOG_GROUP).verdict).toBe('ALLOWED');
          }
          expect(isSamePolicy(damaged, damaged)).toBe(true);
        },
      ),
      { numRuns: 2000, seed: SEED },
    );
  });
});
