import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PolicyVerdict } from '../../../lib/domain/key-policy/evaluate.ts';
import { allows, denies, elements, otherPrincipals, questions, SEED, statement, statements } from './arbitraries.ts';
import { aDeny, evaluate, type Json } from './builders.ts';

const RUNS = { numRuns: 400, seed: SEED };

/** A verdict without the indexes of statements. */
function withoutIndexes({ verdict, missingActions, actions, repair }: PolicyVerdict) {
  return {
    verdict,
    missingActions,
    effects: Object.entries(actions).map(([action, { effect }]) => [action, effect]),
    repair,
  };
}

const anyCase = (text: string, upper: boolean[]) =>
  [...text]
    .map((letter, index) => (upper[index % upper.length] ? letter.toUpperCase() : letter.toLowerCase()))
    .join('');
const listed = (value: unknown) => (Array.isArray(value) ? value : [value]);
const unlisted = (value: unknown) => (Array.isArray(value) && value.length === 1 ? value[0] : value);

/** The same statement with its lists written by `write`. */
function rewritten(original: Json, write: (value: unknown) => unknown): Json {
  return mapEntries(original, (name, value) => {
    if (name === 'Action' || name === 'Resource') return [name, write(value)];
    if (name.endsWith('Principal') && value !== '*') {
      return [name, mapEntries(value as Json, (kind, names) => [kind, write(names)])];
    }
    if (name !== 'Condition') return [name, value];
    return [
      name,
      mapEntries(value as Json, (operator, keys) => [
        operator,
        mapEntries(keys as Json, (key, values) => [key, write(values)]),
      ]),
    ];
  });
}

function recased(original: Json, upper: boolean[]): Json {
  return mapEntries(original, (name, value) => {
    if (name === 'Action') return [name, listed(value).map((action: string) => anyCase(action, upper))];
    if (name !== 'Condition') return [name, value];
    return [
      name,
      mapEntries(value as Json, (operator, keys) => [
        anyCase(operator, upper),
        mapEntries(keys as Json, (key, values) => [anyCase(key, upper), values]),
      ]),
    ];
  });
}

function mapEntries(object: Json, map: (name: string, value: unknown) => [string, unknown]): Json {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => map(name, value)));
}

describe('for every policy', () => {
  it('the generated policies reach every verdict, with and without a repair', () => {
    const seen: Record<string, number> = {};
    const count = (what: string) => {
      seen[what] = (seen[what] ?? 0) + 1;
    };

    for (const [question, all] of fc.sample(fc.tuple(questions, statements), { ...RUNS, numRuns: 1000 })) {
      const { verdict, repair } = evaluate(all, question);
      count(verdict);
      if (repair) count(`${verdict} with a repair`);
    }

    expect(seen.MALFORMED ?? 0).toBe(0);
    for (const what of [
      'ALLOWED',
      'DENIED',
      'MISSING_ACTIONS',
      'UNCERTAIN',
      'MISSING_ACTIONS with a repair',
      'UNCERTAIN with a repair',
    ]) {
      expect(seen[what] ?? 0, `${what} in ${JSON.stringify(seen)}`).toBeGreaterThanOrEqual(80);
    }
  });

  it('adding a Deny never turns the verdict to ALLOWED, and never removes DENIED', () => {
    fc.assert(
      fc.property(questions, statements, denies, (question, all, deny) => {
        const before = evaluate(all, question);
        const after = evaluate([...all, deny], question);
        if (after.verdict === 'ALLOWED') expect(before.verdict).toBe('ALLOWED');
        if (before.verdict === 'DENIED') expect(after.verdict).toBe('DENIED');
      }),
      RUNS,
    );
  });

  it('adding an Allow never turns the verdict to DENIED, and never removes ALLOWED', () => {
    fc.assert(
      fc.property(questions, statements, allows, (question, all, allow) => {
        const before = evaluate(all, question).verdict;
        const after = evaluate([...all, allow], question).verdict;
        expect(after === 'DENIED').toBe(before === 'DENIED');
        if (before === 'ALLOWED') expect(after).toBe('ALLOWED');
      }),
      RUNS,
    );
  });

  it('a statement that names only other principals changes nothing except indexes', () => {
    const others = statement(elements('Allow', 'Deny'), otherPrincipals);
    fc.assert(
      fc.property(questions, statements, others, fc.nat(), (question, all, other, at) => {
        const more = all.toSpliced(at % (all.length + 1), 0, other);
        expect(withoutIndexes(evaluate(more, question))).toEqual(withoutIndexes(evaluate(all, question)));
      }),
      RUNS,
    );
  });

  const shuffled = statements.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );

  it('the order of statements changes only indexes', () => {
    fc.assert(
      fc.property(questions, shuffled, (question, [all, inOtherOrder]) => {
        expect(withoutIndexes(evaluate(inOtherOrder, question))).toEqual(withoutIndexes(evaluate(all, question)));
      }),
      RUNS,
    );
  });

  it('the order of statements changes no warning', () => {
    const codes = (verdict: PolicyVerdict) => [...new Set(verdict.warnings.map(({ code }) => code))].sort();
    fc.assert(
      fc.property(questions, shuffled, (question, [all, inOtherOrder]) => {
        expect(codes(evaluate(inOtherOrder, question))).toEqual(codes(evaluate(all, question)));
      }),
      RUNS,
    );
  });

  it('a list of one and a single value mean the same', () => {
    fc.assert(
      fc.property(questions, statements, (question, all) => {
        const expected = withoutIndexes(evaluate(all, question));
        expect(
          withoutIndexes(
            evaluate(
              all.map((one) => rewritten(one, listed)),
              question,
            ),
          ),
        ).toEqual(expected);
        expect(withoutIndexes(evaluate(unlisted(all.map((one) => rewritten(one, unlisted))), question))).toEqual(
          expected,
        );
      }),
      RUNS,
    );
  });

  it('the letter case of actions, condition keys and operators does not matter', () => {
    fc.assert(
      fc.property(
        questions,
        statements,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
        (question, all, upper) => {
          const inOtherCase = all.map((one) => recased(one, upper));
          expect(withoutIndexes(evaluate(inOtherCase, question))).toEqual(withoutIndexes(evaluate(all, question)));
        },
      ),
      RUNS,
    );
  });

  it('DENIED names the statement from which on the policy is DENIED', () => {
    fc.assert(
      fc.property(questions, statements, (question, all) => {
        const { verdict, denyingStatement } = evaluate(all, question);
        expect(denyingStatement === null).toBe(verdict !== 'DENIED');
        if (denyingStatement === null) return;
        const upTo = (end: number) => evaluate([aDeny({ Action: [] }), ...all.slice(0, end)], question).verdict;
        expect(upTo(denyingStatement)).not.toBe('DENIED');
        expect(upTo(denyingStatement + 1)).toBe('DENIED');
      }),
      RUNS,
    );
  });

  it('a repair is offered only where adding it makes the policy ALLOWED', () => {
    fc.assert(
      fc.property(
        questions,
        statements,
        elements(undefined, 'LogsealLogGroups', 'LogsealQueryResults'),
        fc.nat(),
        (question, all, sid, at) => {
          const named = all.map((one, index) => (index === at % all.length && sid ? { ...one, Sid: sid } : one));
          const { verdict, repair } = evaluate(named, question);
          if (verdict === 'ALLOWED' || verdict === 'DENIED') expect(repair).toBeNull();
          if (repair) expect(evaluate([...named, repair], question).verdict).toBe('ALLOWED');
        },
      ),
      RUNS,
    );
  });

  it('a repair is always offered if there is no Deny', () => {
    fc.assert(
      fc.property(questions, fc.array(allows, { minLength: 1, maxLength: 3 }), (question, all) => {
        const { verdict, repair } = evaluate(all, question);
        expect(repair === null).toBe(verdict === 'ALLOWED');
      }),
      RUNS,
    );
  });
});
