import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Finding, summaryOf } from '../../lib/domain/finding.ts';
import { evaluateKeyPolicy } from '../../lib/domain/key-policy/evaluate.ts';
import type { Outcome, Step } from '../../lib/domain/plan-step.ts';
import { colors } from '../../lib/report/colors.ts';
import type { OutcomeDocument, ScanTotals } from '../../lib/report/documents.ts';
import { outcomeTable, planTable } from '../../lib/report/plan-table.ts';
import { scanTable } from '../../lib/report/scan-table.ts';
import { verdictTable } from '../../lib/report/verdict-table.ts';
import {
  A_RUN,
  aFinding,
  aKeyArn,
  aLogGroup,
  aLogsPolicy,
  anOutcome,
  aReadPolicy,
  aReason,
  aReport,
  aStep,
} from '../support/builders.ts';

const PLAIN = colors(false);
const COLORED = colors(true);
const UNDO = 'logseal undo --run …';

function totalsOf(findings: readonly Finding[]): ScanTotals {
  return {
    run: A_RUN,
    summary: summaryOf(findings),
    targets: [aReport({ stores: findings.length, apiCalls: { 'logs:DescribeLogGroups': 2, 'kms:DescribeKey': 3 } })],
  };
}

const FINDINGS = [
  aFinding({ ...aLogGroup('/fine'), status: 'COMPLIANT', reasons: [], keyArn: aKeyArn() }),
  aFinding({ ...aLogGroup('/none') }),
  aFinding({
    ...aLogGroup('/dead'),
    reasons: [aReason('KEY_DISABLED'), aReason('KEY_WRONG_USAGE')],
    keyArn: aKeyArn('dead'),
  }),
  aFinding({
    ...aLogGroup('/secret'),
    status: 'UNKNOWN',
    reasons: [aReason('KEY_UNREADABLE')],
    keyArn: aKeyArn('secret'),
  }),
  aFinding({
    ...aLogGroup('/warned'),
    status: 'COMPLIANT',
    reasons: [],
    warnings: [{ code: 'KEY_POLICY_DENIES', message: 'it denies', fix: 'stop it' }],
    keyArn: aKeyArn(),
  }),
];
const STEPS: readonly Step[] = [
  aStep({ name: '/none' }),
  aStep({ name: '/dead', fromKeyArn: aKeyArn('dead') }),
  aStep({ name: '/refused', action: 'NONE', refusal: aReason('KEY_UNREADABLE') }),
];
const OUTCOMES: readonly Outcome[] = [
  anOutcome({ name: '/sealed' }),
  anOutcome({ name: '/same', action: 'NONE', outcome: 'UNCHANGED' }),
  anOutcome({ name: '/refused', action: 'NONE', outcome: 'REFUSED', refusal: aReason('KEY_DISABLED') }),
  anOutcome({ name: '/failed', outcome: 'FAILED', error: { code: 'THROTTLED', message: 'too fast' } }),
];

function anOutcomeDocument(steps: readonly Outcome[]): OutcomeDocument {
  const key = { configured: 'alias/logseal', required: false };
  return { schema: 'logseal/outcome/1', run: A_RUN, planRunId: 'p', key, targets: [aReport()], steps };
}

describe('a scan', () => {
  it('shows what is not compliant, why, what fixes it, and how much there is', () => {
    const text = scanTable(FINDINGS, totalsOf(FINDINGS), PLAIN);

    expect(text.split('\n')[0]).toMatch(/^STATUS +REGION +LOG STORE +REASONS +KEY$/);
    expect(text).toMatch(/^NON_COMPLIANT +eu-west-1 +\/none +NO_KEY +-$/m);
    expect(text).toMatch(/^NON_COMPLIANT +eu-west-1 +\/dead +KEY_DISABLED, KEY_WRONG_USAGE +dead$/m);
    expect(text).toMatch(/^UNKNOWN +eu-west-1 +\/secret +KEY_UNREADABLE +secret$/m);
    expect(text).not.toContain('/fine');
    expect(text).toContain('fix: the fix of KEY_DISABLED');
    expect(text).toContain('KEY_POLICY_DENIES × 1\n  it denies\n  fix: stop it');
    expect(text).toMatch(/\n5 log stores in eu-west-1: 2 compliant, 2 not compliant, 1 unknown \(5 API calls\)\n$/);
  });

  it('of nothing is one line', () => {
    expect(scanTable([], totalsOf([]), PLAIN)).toBe('0 log stores in eu-west-1: 0 compliant (5 API calls)\n');
  });

  it('of what is well is one line', () => {
    const [fine] = FINDINGS;

    expect(scanTable([], totalsOf(fine ? [fine] : []), PLAIN)).toBe(
      '1 log store in eu-west-1: 1 compliant (5 API calls)\n',
    );
  });

  it('names a target that could not be listed whole', () => {
    const targets = [aReport({ status: 'FAILED', error: { code: 'NETWORK', message: 'no route' } })];

    expect(scanTable([], { ...totalsOf([]), targets }, PLAIN)).toContain('could not be listed whole');
  });
});

describe('a plan', () => {
  const key = { configured: 'alias/logseal' };

  it('shows what would be done, and what not and why', () => {
    const text = planTable({ key, steps: STEPS, targets: [aReport()] }, PLAIN);

    expect(text).toMatch(/^SEAL +eu-west-1 +\/none +- +logseal$/m);
    expect(text).toMatch(/^SEAL +eu-west-1 +\/dead +dead +logseal$/m);
    expect(text).toMatch(/^refused: KEY_UNREADABLE +eu-west-1 +\/refused +- +-$/m);
    expect(text).toContain('fix: the fix of KEY_UNREADABLE');
    expect(text).toMatch(/\n2 to seal with alias\/logseal, 1 refused\n$/);
  });

  it('of nothing tells what is wrong with the key all the same', () => {
    const { provider, account, region } = aReport();
    const targets = [{ provider, account, region, keyArn: null, refusals: [aReason('KEY_NOT_FOUND')] }];

    expect(planTable({ key: { ...key, targets }, steps: [], targets: [aReport()] }, PLAIN)).toBe(
      '\nNothing could be sealed with this key\nKEY_NOT_FOUND × 1\n  the message of KEY_NOT_FOUND\n' +
        '  fix: the fix of KEY_NOT_FOUND\n\n0 to seal with alias/logseal, 0 refused\n',
    );
  });

  it('of nothing is one line', () => {
    expect(planTable({ key, steps: [], targets: [aReport()] }, PLAIN)).toBe(
      '0 to seal with alias/logseal, 0 refused\n',
    );
  });
});

describe('an outcome', () => {
  it('shows what became of each step', () => {
    const text = outcomeTable(anOutcomeDocument(OUTCOMES), PLAIN, UNDO);

    expect(text).toMatch(/^SEALED +eu-west-1 +\/sealed /m);
    expect(text).toMatch(/^UNCHANGED +eu-west-1 +\/same /m);
    expect(text).toMatch(/^REFUSED: KEY_DISABLED +eu-west-1 +\/refused /m);
    expect(text).toMatch(/^FAILED: THROTTLED +eu-west-1 +\/failed /m);
    expect(text).toContain('THROTTLED × 1\n  too fast\n  fix: run it again');
    expect(text).toContain(`1 sealed, 1 unchanged, 1 refused, 1 failed (run ${A_RUN.id})\n`);
  });

  it('of nothing is one line', () => {
    expect(outcomeTable(anOutcomeDocument([]), PLAIN, UNDO)).toBe(
      `0 sealed, 0 unchanged, 0 refused, 0 failed (run ${A_RUN.id})\n`,
    );
  });
});

describe('a verdict', () => {
  const subject = { type: 'log-group', arn: aLogGroup('/app').arn } as const;

  it('shows each action and why, and what no key policy says', () => {
    const text = verdictTable(evaluateKeyPolicy(aReadPolicy(), subject), PLAIN);

    expect(text).toMatch(/^ALLOWED\n/);
    expect(text).toMatch(/^ALLOW +kms:ReEncryptFrom +.*"Logs"/m);
    expect(text).toContain('Outside every key policy');
    expect(text).not.toContain('The smallest statement');
  });

  it('shows the statement that fixes it', () => {
    const text = verdictTable(evaluateKeyPolicy(aReadPolicy(aLogsPolicy('/other')), subject), PLAIN);

    expect(text).toMatch(/^MISSING_ACTIONS\n/);
    const [, statement = ''] = /The smallest statement that fixes it:\n(\{[\s\S]*?\n\})/.exec(text) ?? [];
    expect(JSON.parse(statement)).toMatchObject({ Effect: 'Allow' });
  });

  it('shows what is wrong with a policy that is malformed', () => {
    expect(verdictTable(evaluateKeyPolicy(aReadPolicy('{'), subject), PLAIN)).toContain(
      'MALFORMED_POLICY: AWS would refuse this policy',
    );
  });
});

describe('colours', () => {
  const subject = { type: 'query-results', account: '111122223333' } as const;
  const plan = { key: { configured: 'alias/logseal' }, steps: STEPS, targets: [aReport({ status: 'FAILED' })] };

  it.each([
    ['a scan', (paint: typeof PLAIN) => scanTable(FINDINGS, totalsOf(FINDINGS), paint)],
    ['a plan', (paint: typeof PLAIN) => planTable(plan, paint)],
    ['an outcome', (paint: typeof PLAIN) => outcomeTable(anOutcomeDocument(OUTCOMES), paint, UNDO)],
    ['a verdict', (paint: typeof PLAIN) => verdictTable(evaluateKeyPolicy(aReadPolicy(), subject), paint)],
  ])('%s says the same without them, and has no escape codes then', (_, render) => {
    const plain = render(PLAIN);
    const colored = render(COLORED);

    expect(plain).not.toContain('\x1b');
    expect(colored).toContain('\x1b[');
    expect(stripVTControlCharacters(colored)).toBe(plain);
  });
});
