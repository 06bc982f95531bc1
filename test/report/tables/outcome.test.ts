import { describe, expect, it } from 'vitest';
import type { PolicyOutcome } from '../../../lib/app/key/repair-key-policy.ts';
import type { Outcome } from '../../../lib/domain/plan-step.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { fixForFailure } from '../../../lib/report/fixes.ts';
import { A_RUN, aKeyArn, anOutcome, aReason, aReport, OTHER_ACCOUNT, TARGET } from '../../support/builders.ts';
import { COLORED, drawn, GREEN, OUTCOMES, outcomeTotals, RED, YELLOW } from '../builders.ts';

const KEY = aKeyArn();
const UNDO = `undo: logseal undo --run ${A_RUN.id}\n`;

describe('an outcome', () => {
  const text = drawn('outcome', OUTCOMES, outcomeTotals());

  it('shows what became of each step', () => {
    expect(text).toMatch(/^SEALED +\/sealed$/m);
    expect(text).toMatch(/^UNCHANGED +\/same$/m);
    expect(text).toMatch(/^REFUSED: KEY_DISABLED +\/refused$/m);
    expect(text).toMatch(/^FAILED: THROTTLED +\/failed$/m);
    expect(text).toContain('THROTTLED × 1\n  too fast\n  fix: try again when there are fewer other calls\n');
    expect(text).toContain('\nRefused, and how to fix it\nHIGH KEY_DISABLED × 1\n');
    expect(text).toContain(`1 log store sealed, 1 unchanged, 1 refused, 1 failed (run ${A_RUN.id})\n`);
  });

  it('shows what somebody else changed again during the run', () => {
    const again = anOutcome({
      name: '/again',
      toKeyArn: KEY,
      afterRun: { status: 'CHANGED', keyArn: aKeyArn('theirs') },
    });

    const text = drawn('outcome', [...OUTCOMES, again], outcomeTotals());

    expect(text).toMatch(/^SEALED, THEN CHANGED +\/again$/m);
    expect(text).toContain(
      `\nChanged again by somebody else during the run\nLOW STORE_CHANGED × 1\n  /again had ${KEY} after its change by this run, and now has ${aKeyArn('theirs')}\n  fix: nothing to do: the key that it has now was not set by this run, and undo leaves it\n`,
    );
    expect(text).toContain('2 log stores sealed, 1 of them changed again by somebody else, 1 unchanged');
  });

  it('shows what somebody else changed after the run had put it back: it had its earlier key then', () => {
    const afterRun = { status: 'CHANGED', keyArn: aKeyArn('theirs') } as const;

    const text = drawn('outcome', [anOutcome({ name: '/b', outcome: 'ROLLED_BACK', afterRun })], outcomeTotals());

    expect(text).toContain(`/b had no key after its change by this run, and now has ${aKeyArn('theirs')}\n`);
  });

  it('says how many changed log stores were not read once more, and why', () => {
    const unread = ['/a', '/b'].map((name) =>
      anOutcome({ name, afterRun: { status: 'NOT_READ', message: 'the run was interrupted' } }),
    );

    const text = drawn('outcome', unread, outcomeTotals());

    expect(text).toMatch(/^SEALED +\/a$/m);
    expect(text).toContain(
      '\nNot read once more at the end of the run, so that changes by somebody else are not known: 2 changed log stores (the run was interrupted)\n',
    );
  });

  it('of no step says in its last line that the key cannot be used', () => {
    const refusals = [aReason('KEY_DISABLED')];
    const targets = [{ ...TARGET, configured: 'alias/logseal', keyArn: KEY, refusals, warnings: [], problems: [] }];
    const key = { configured: 'alias/logseal', required: false, targets };

    expect(drawn('outcome', [], outcomeTotals({ key }))).toMatch(
      /^0 log stores sealed, .*\nthe key cannot be used: the message of KEY_DISABLED\n$/,
    );
    expect(text).not.toContain('cannot be used');
  });

  it('ends with the command that undoes it, if there is something to undo', () => {
    expect(text.endsWith(UNDO)).toBe(true);
    expect(drawn('outcome', OUTCOMES.slice(1), outcomeTotals())).not.toContain('undo:');
  });

  it('lists an error that many steps share once', () => {
    const error = { code: 'THROTTLED', message: 'too fast' };
    const failed = ['/a', '/b', '/c'].map((name) => anOutcome({ name, outcome: 'FAILED', error }));

    expect(drawn('outcome', failed, outcomeTotals()).match(/THROTTLED × 3\n/g)).toHaveLength(1);
  });

  it('names what fixes an error, where that is known', () => {
    const failed = (['CREDENTIALS', 'INVALID_REQUEST'] as const).map((code) =>
      anOutcome({ outcome: 'FAILED', error: { code, message: `the words for ${code}` } }),
    );

    const text = drawn('outcome', failed, outcomeTotals());

    expect(text).toContain(
      `CREDENTIALS × 1\n  the words for CREDENTIALS\n  fix: ${fixForFailure('CREDENTIALS', 'aws')}\n`,
    );
    expect(text).toMatch(/INVALID_REQUEST × 1\n {2}the words for INVALID_REQUEST\n(?! {2}fix)/);
  });

  it.each([
    [3, '  w0\n  w1\n  w2\n  fix'],
    [4, '  w0\n  w1\n  w2 (and others like it)\n  fix'],
  ])('quotes up to three messages of an error: %i', (count, words) => {
    const failed = Array.from({ length: count }, (_, index) =>
      anOutcome({ outcome: 'FAILED', error: { code: 'UNAVAILABLE', message: `w${index}` } }),
    );

    expect(drawn('outcome', failed, outcomeTotals())).toContain(`UNAVAILABLE × ${count}\n${words}: try again\n`);
  });

  it('says how many steps were skipped since the run was interrupted', () => {
    const skipped = [anOutcome(), anOutcome({ name: '/b', outcome: 'SKIPPED' })];
    const interrupted = drawn('outcome', skipped, outcomeTotals());

    expect(interrupted).toMatch(/^SKIPPED +\/b$/m);
    expect(interrupted).toContain('0 failed, 1 skipped, since the run was interrupted (run');
    expect(text).not.toContain('skipped');
  });

  it('of nothing is one line', () => {
    expect(drawn('outcome', [], outcomeTotals())).toBe(
      `0 log stores sealed, 0 unchanged, 0 refused, 0 failed (run ${A_RUN.id})\n`,
    );
  });

  it('names a target that could not be reached, or was not scanned completely', () => {
    const error = { code: 'NETWORK', message: 'no route' } as const;
    const targets = [aReport({ status: 'FAILED', stores: 0, error })];

    expect(drawn('outcome', [], outcomeTotals({ targets }))).toContain('eu-west-1 could not be reached: NETWORK');
    const stopped = targets.map((target) => ({ ...target, stores: 1 }));
    expect(drawn('outcome', [], outcomeTotals({ targets: stopped }))).toContain('was not scanned completely: stopped');
  });

  it('has a column of accounts if the targets of the run are in several, wherever its log stores are', () => {
    const targets = [aReport(), aReport({ account: OTHER_ACCOUNT })];

    const text = drawn('outcome', [anOutcome({ name: '/a' })], outcomeTotals({ targets }));

    expect(text).toMatch(/^STEP +ACCOUNT +LOG STORE/m);
    expect(text).toMatch(/^SEALED +111122223333 +\/a$/m);
  });

  it('is green, yellow and red', () => {
    const outcomes = [...OUTCOMES, anOutcome({ name: '/skipped', outcome: 'SKIPPED' })];
    const colored = drawn('outcome', outcomes, outcomeTotals(), { paint: COLORED });

    for (const what of ['SEALED', 'UNCHANGED']) expect(colored).toContain(`${GREEN}${what}`);
    for (const what of ['REFUSED: KEY_DISABLED', 'SKIPPED']) expect(colored).toContain(`${YELLOW}${what}`);
    expect(colored).toContain(`${RED}FAILED: THROTTLED`);
  });
});

describe('the outcome of an undo', () => {
  const RESTORED: PolicyOutcome = { keyArn: KEY, outcome: 'CHANGED', refusal: null, error: null, inEffect: true };
  const UNSEALED = anOutcome({
    name: '/none',
    action: 'UNSEAL',
    fromKeyArn: KEY,
    toKeyArn: null,
    outcome: 'UNSEALED',
  });
  const undone = (steps: readonly Outcome[], policies: readonly PolicyOutcome[]) =>
    drawn('outcome', steps, outcomeTotals({ key: null, policies }));

  it('counts what was unsealed, and names each key policy', () => {
    const refused = { ...RESTORED, outcome: 'REFUSED', refusal: aReason('KEY_DISABLED') } as const;
    const failed = { ...RESTORED, outcome: 'FAILED', error: { code: 'NETWORK', message: 'no route' } } as const;

    const text = undone([UNSEALED, anOutcome({ name: '/old' })], [RESTORED, refused, failed]);

    expect(text).toMatch(/^UNSEALED +\/none +logseal$/m);
    expect(text).toContain(`CHANGED key policy of ${KEY}\nREFUSED key policy of ${KEY}\nFAILED key policy of ${KEY}\n`);
    expect(text).toContain('KEY_DISABLED × 1');
    expect(text).toContain('NETWORK × 1\n  no route\n  fix: check the network');
    expect(text).toContain(
      `1 log store sealed, 1 unsealed, 1 key policy put back, 0 unchanged, 1 refused, 1 failed (run ${A_RUN.id})\n`,
    );
  });

  it('can itself be undone, even if it put back key policies alone', () => {
    expect(undone([UNSEALED], []).endsWith(UNDO)).toBe(true);
    expect(undone([], [RESTORED]).endsWith(UNDO)).toBe(true);
  });

  it('that unsealed nothing does not mention it', () => {
    expect(undone([anOutcome()], [])).not.toContain('unsealed');
  });

  it('says once what unsealing means for a Logstore', () => {
    const alibaba = { provider: 'alibaba', account: '1', region: 'cn-hangzhou' } as const;
    const logstores = ['app-logs/web', 'app-logs/api'].map((name) =>
      anOutcome({ ...UNSEALED, store: logStoreOf('logstore', 'acs', alibaba, name) }),
    );

    expect(undone(logstores, []).match(/stores new logs in the clear/g)).toHaveLength(1);
    expect(undone([UNSEALED], [])).not.toContain('in the clear');
  });
});
