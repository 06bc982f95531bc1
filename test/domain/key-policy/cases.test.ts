import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseArn } from '../../../lib/domain/arn.ts';
import { documentProblems } from '../../../lib/domain/key-policy/document.ts';
import type { PolicyVerdict } from '../../../lib/domain/key-policy/evaluate.ts';
import { readKeyPolicy } from '../../../lib/domain/key-policy/read.ts';
import { logsService } from '../../../lib/domain/key-policy/service-call.ts';
import { evaluateText } from './builders.ts';

/** Real-world key policies with the verdict worked out by hand; a new file in the directory is a new test. */
interface Case {
  title: string;
  key_arn: string;
  log_group_arn?: string;
  /** Instead of `log_group_arn`: the account that the query results belong to. */
  query_results?: string;
  policy: unknown;
  expected: {
    verdict: string;
    missing_actions: string[] | null;
    denying_statement: { index: number } | null;
    per_action?: Record<string, string>;
    warnings?: string[];
    /** Why KMS would refuse the document. */
    problems?: string[];
    /** Words that a warning or the reason of an effect must have. */
    says?: string;
  };
}

const NOW = new Date('2026-11-21T00:00:00Z');
const directory = new URL('../../cases/key-policies/', import.meta.url);
const files = readdirSync(directory).filter((name) => name.endsWith('.json'));

describe('key policies with a verdict worked out by hand', () => {
  it('finds the cases', () => expect(files.length).toBeGreaterThanOrEqual(25));

  it.each(files)('%s', (file) => {
    const {
      key_arn: keyArn,
      log_group_arn: arn,
      query_results: account,
      policy,
      expected,
    } = JSON.parse(readFileSync(new URL(file, directory), 'utf8')) as Case;
    const subject = arn
      ? ({ type: 'log-group', arn } as const)
      : ({ type: 'query-results', account: account ?? '' } as const);
    const text = typeof policy === 'string' ? policy : JSON.stringify(policy);

    const verdict = evaluateText(text, { keyArn, subject, now: NOW });

    expect(verdict.verdict).toBe(expected.verdict);
    if (expected.verdict === 'MISSING_ACTIONS') expect(verdict.missingActions).toEqual(expected.missing_actions);
    if (expected.verdict === 'DENIED') expect(verdict.denyingStatement).toBe(expected.denying_statement?.index);
    if (expected.per_action && expected.verdict !== 'MALFORMED') {
      const effects = Object.entries(verdict.actions).map(([action, { effect, statement }]) => [
        action,
        asWritten(effect, statement?.index),
      ]);
      expect(Object.fromEntries(effects)).toEqual(expected.per_action);
    }
    if (expected.says) {
      const words = [...verdict.warnings.map(({ message }) => message), ...becauses(verdict)];
      expect(words.join('\n')).toContain(expected.says);
    }
    expect(verdict.warnings.map(({ code }) => code)).toEqual(expect.arrayContaining(expected.warnings ?? []));
    // The cases that were worked out from a rule have only the statements that the rule is about.
    if (/^\d/.test(file)) {
      const codes = documentProblems(readKeyPolicy(text, logsService(keyArn, { now: NOW }))).map(({ code }) => code);
      expect(codes).toEqual(expected.problems ?? []);
    }
    expect(parseArn(keyArn)).toBeDefined();
  });
});

function becauses({ actions }: PolicyVerdict): string[] {
  return Object.values(actions).map(({ because }) => because);
}

function asWritten(effect: string, index: number | undefined): string {
  switch (effect) {
    case 'ALLOW':
      return `allow (statement ${index})`;
    case 'EXPLICIT_DENY':
      return `explicit deny (statement ${index})`;
    case 'IMPLICIT_DENY':
      return 'implicit deny';
    default:
      return 'uncertain';
  }
}
