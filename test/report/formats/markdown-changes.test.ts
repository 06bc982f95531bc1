import { describe, expect, it } from 'vitest';
import { problem } from '../../../lib/domain/reasons.ts';
import type { CheckedKey } from '../../../lib/report/documents.ts';
import {
  A_RUN,
  aDenyingPolicy,
  aKeyArn,
  aLogGroup,
  anOutcome,
  aReason,
  aReport,
  aStep,
  OTHER_ACCOUNT,
} from '../../support/builders.ts';
import { aLogGroupVerdict, OUTCOMES, outcomeTotals, planTotals, STEPS, written } from '../builders.ts';
import { rowsAfter } from '../rows-after.ts';

describe('markdown of a plan', () => {
  it('begins with how much would be sealed and refused, then lists each step and the fixes', () => {
    const text = written('plan', 'markdown', [STEPS], planTotals());

    expect(text).toMatch(
      /^## logseal plan: 2 to seal, 1 refused\n\n```text\n2 to seal with alias\/logseal, 1 refused\n```\n/,
    );
    expect(text).toContain(
      `|  | refused: \`KEY_UNREADABLE\` | \`111122223333\` | \`eu-west-1\` | \`/refused\` |  |  |\n`,
    );
    expect(text).toContain('**MEDIUM** `KEY_UNREADABLE` – The key could not be read: 1 log store\n');
  });

  it('says what is left for later, what is final, what to know before, and what the keys are', () => {
    const warning = problem('MANAGED_BY_CLOUDFORMATION', 'the stack owns it', 'set it there');
    const steps = [
      aStep({ name: '/a', warnings: [warning] }),
      aStep({ name: '/b', irreversible: true }),
      aStep({ name: '/c', action: 'NONE', skippedBy: 'LIMIT' }),
    ];
    const target = { ...aReport(), configured: 'alias/logseal', keyArn: aKeyArn(), refusals: [] };
    const problems = [{ code: 'LOCKS_OUT', statement: null, message: 'nobody could', fix: 'keep the root' }] as const;
    const planned = { ...target, warnings: [problem('KEY_POLICY_PUBLIC', 'open', 'close')], problems };
    const key = { configured: 'alias/logseal', required: false, targets: [{ ...planned, rightsUnknown: 'no answer' }] };
    const text = written('plan', 'markdown', [steps], planTotals({ key, filtered: 3 }));

    for (const part of [
      '1 left for later by --limit, 3 left out by --include/--exclude',
      '1 Logstore would be encrypted for good: neither the type nor the key can ever be changed',
      'note: whether the caller may seal every log store in eu-west-1 is not known: no answer',
      '### Before you seal\n\n**LOW** `MANAGED_BY_CLOUDFORMATION`',
      '### The key that would be attached\n\n**HIGH** `KEY_POLICY_PUBLIC`',
      '### The key keeps this policy, but KMS would refuse the next change to it\n\n`LOCKS_OUT`',
      '| **SEAL for good** |',
      '| left for later |',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('says that nothing was planned where nothing was scanned, and what is wrong with the key', () => {
    const failed = aReport({ status: 'FAILED', error: { code: 'NETWORK', message: 'no route' }, stores: 0 });
    const key = {
      configured: 'alias/x',
      required: false,
      targets: [
        {
          ...aReport(),
          configured: 'alias/x',
          keyArn: null,
          refusals: [aReason('KEY_NOT_FOUND')],
          warnings: [],
          problems: [],
        },
      ],
    };
    const text = written('plan', 'markdown', [], planTotals({ targets: [failed], key }));

    expect(text).toMatch(/^## logseal plan: nothing was planned\n/);
    expect(text).toContain('the key cannot be used: the message of KEY_NOT_FOUND');
    expect(text).toContain('### Nothing could be sealed with this key\n\n**CRITICAL** `KEY_NOT_FOUND`');
  });
});

describe('markdown of an outcome', () => {
  it('begins with what was sealed and what went wrong, and the command that takes it back', () => {
    const text = written('outcome', 'markdown', [OUTCOMES], outcomeTotals());

    expect(text).toMatch(/^## logseal: 1 sealed, 1 failed, 1 refused\n/);
    expect(text).toContain('| UNCHANGED | 1 |\n');
    expect(text).toContain(`undo: logseal undo --run ${A_RUN.id}`);
    expect(rowsAfter(text, '| Severity | Step | Account | Region | Log store | From key | To key |')[0]?.[1]).toBe(
      'FAILED: `THROTTLED`',
    );
    expect(text).toContain('THROTTLED × 1\n  too fast\n  fix: try again');
    expect(text).toContain('**HIGH** `KEY_DISABLED`');
  });

  it('has no command to take back what changed nothing, and says why steps were skipped', () => {
    const outcomes = [anOutcome({ outcome: 'SKIPPED' }), anOutcome({ outcome: 'SKIPPED', skippedBy: 'LIMIT' })];
    const text = written('outcome', 'markdown', [outcomes], outcomeTotals());

    expect(text).toMatch(/^## logseal: 0 sealed, 1 skipped\n/);
    expect(text).not.toContain('undo:');
    expect(text).toContain('Skipped, since the run was interrupted.');
    expect(text).toContain('1 left for later by --limit');
  });

  it('has the key policies that were put back, and what somebody else changed meanwhile', () => {
    const policies = [
      { keyArn: aKeyArn(), outcome: 'CHANGED', refusal: null, error: null, inEffect: true } as const,
      {
        keyArn: aKeyArn('other'),
        outcome: 'FAILED',
        refusal: null,
        error: { code: 'NETWORK', message: 'gone' },
        inEffect: false,
      } as const,
    ];
    const changed = anOutcome({ afterRun: { status: 'CHANGED', keyArn: null } });
    const text = written('outcome', 'markdown', [[changed]], outcomeTotals({ policies }));

    expect(text).toContain(`CHANGED key policy of ${aKeyArn()}`);
    expect(text).toContain('NETWORK × 1\n  gone');
    expect(text).toContain('| **SEALED, THEN CHANGED** |');
    expect(text).toContain('Changed again by somebody else during the run');
  });
});

describe('markdown of a key check', () => {
  it('has every check of every target, and the fixes', () => {
    const check = { check: 'KEY_POLICY', action: 'kms:Encrypt', code: 'KEY_POLICY_DENIES', fix: 'stop it' } as const;
    const checked: CheckedKey = {
      store: aLogGroup('/a', { account: OTHER_ACCOUNT }),
      keyArn: aKeyArn(),
      checks: [
        { check: 'FOUND', action: null, result: 'PASS', code: null, message: 'it is there', fix: null },
        { ...check, result: 'FAIL', message: 'it denies' },
        { ...check, result: 'UNKNOWN', message: 'not known', fix: 'ask AWS' },
      ],
      note: 'it does not exist yet',
      readersAndWriters: { access: 'NONE', message: 'nothing shows it', fix: 'let them' },
      warnings: [problem('KEY_POLICY_PUBLIC', 'open', 'close')],
      problems: [],
      apiCalls: {},
    };
    const text = written('key-check', 'markdown', [[checked]], { run: A_RUN, key: { configured: 'alias/a' } });

    expect(text).toMatch(/^## logseal key check: `alias\/a`\n/);
    expect(text).toContain(`### \`444455556666\` \`eu-west-1\`, \`${aKeyArn()}\`\n\n1 pass, 1 fail, 1 not known\n`);
    expect(text).toContain('| FAIL | KEY_POLICY | `kms:Encrypt` | `it denies` |\n');
    for (const part of ['it does not exist yet', 'fix: stop it', 'to settle it: ask AWS', 'nothing shows it', 'open']) {
      expect(text).toContain(part);
    }
  });
});

describe('markdown of a verdict', () => {
  const policy = { file: 'key.json', text: '{}', subject: aLogGroup('/a').arn };

  it('says the verdict, why, and what of the document KMS would refuse', () => {
    const { logGroupArn: _, ...verdict } = aLogGroupVerdict('/a', aDenyingPolicy());
    const problems = [{ code: 'LOCKS_OUT', statement: null, message: 'nobody could', fix: 'keep the root' }] as const;
    const text = written('policy-verdict', 'markdown', [], { ...verdict, problems }, { policy });

    expect(text).toMatch(/^## logseal policy check: DENIED, but KMS would refuse the document\n\n`key.json`\n/);
    expect(text).toContain('`LOCKS_OUT` – Nobody could change the key policy again\n\n```text\nnobody could');
    expect(text).toContain('| EXPLICIT_DENY | `kms:Encrypt` |');
    expect(text).toContain('Not evaluated, since no key policy shows it');
  });

  it('has the smallest statement that could be added', () => {
    const { logGroupArn: _, ...verdict } = aLogGroupVerdict(
      '/a',
      '{"Statement":[]}'.replace(
        '[]',
        '[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]',
      ),
    );

    expect(written('policy-verdict', 'markdown', [], verdict, { policy })).toContain(
      'The smallest statement that could be added:\n\n```text\n{\n  "Sid": "',
    );
  });

  it('shows log groups with the same verdict together, and counts those that are ALLOWED', () => {
    const verdicts = [
      aLogGroupVerdict('/a'),
      aLogGroupVerdict('/b', aDenyingPolicy()),
      aLogGroupVerdict('/c', aDenyingPolicy()),
    ];
    const text = written('policy-verdicts', 'markdown', [verdicts.slice(0, 1), verdicts.slice(1)], {}, { policy });

    expect(text).toMatch(/^## logseal policy check: 1 of 3 log groups ALLOWED\n/);
    expect(text.match(/^### .*/gm)).toEqual(['### ALLOWED', '### DENIED']);
    expect(text).toContain(`\`${aLogGroup('/b').arn}\`, \`${aLogGroup('/c').arn}\``);
  });
});
