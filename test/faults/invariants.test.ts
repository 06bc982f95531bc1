import { beforeAll, describe, expect, test } from 'vitest';
import { bundleTemplate } from './bundle.ts';
import type { Evidence, StackEvidence } from './evidence.ts';
import { configurationOf, PARAMETER } from './exemptions.ts';
import { violationsIn } from './invariants/index.ts';
import type { Plan } from './plan.ts';
import { carryOutPlan } from './run.ts';
import { ACCOUNT, HOME, keyArn, keyPolicy } from './worlds.ts';

/** A run without faults, in which two log groups are sealed and one is refused; read once and then broken in each test. */
const PLAN: Plan = {
  seed: 1,
  world: {
    account: ACCOUNT,
    region: HOME,
    policies: { logs: keyPolicy() },
    keys: {
      logseal: { alias: 'alias/logseal', policy: 'logs' },
      other: { policy: 'logs' },
      disabled: { state: 'Disabled', policy: 'logs' },
    },
    groups: { '/app/1': null, '/app/2': 'disabled', '/app/healthy': 'other', '/restricted/1': null, '/exempt/1': null },
    parameters: { [PARAMETER]: configurationOf('/exempt/') },
  },
  stacks: [{ name: 'logseal', mode: 'Enforce', keyId: 'alias/logseal', regions: [HOME], exempt: '/exempt/' }],
  ...{ quotas: {}, faults: [], schedulesAtS: [], actions: [], poison: [], skewMs: 0 },
};
const LOGSEAL = keyArn('logseal');

let clean: Evidence;
beforeAll(async () => {
  const template = await bundleTemplate();
  clean = await carryOutPlan(PLAN, template.path).finally(template.remove);
}, 60_000);

// biome-ignore lint/suspicious/noExplicitAny: the tests break what the types promise
type Broken = any;

/** What is violated once the evidence is broken. */
function violated(breakIt: (stack: Broken, evidence: Broken) => void): string[] {
  const evidence = structuredClone(clean) as Broken;
  breakIt(evidence.stacks[0], evidence);
  return [...new Set(violationsIn(evidence).map(({ invariant }) => invariant))];
}

const theSeal = (evidence: Evidence, name = '/app/1'): Broken =>
  evidence.calls.find((call) => call.name === 'logs:AssociateKmsKey' && call.input['logGroupName'] === name);
const outcomesOf = ({ events }: StackEvidence, name: string): Broken[] =>
  events.filter((event: Broken) => event['detail-type'] === 'Remediation Outcome' && event.detail.store.name === name);
const without = (events: Broken[], gone: readonly Broken[]) => events.filter((event) => !gone.includes(event));
const findingsOf = ({ events }: StackEvidence, name: string): Broken[] =>
  events.filter((event: Broken) => event['detail-type'] === 'Log Store Finding' && event.detail.name === name);

test('a run without faults violates nothing', () => {
  expect(violationsIn(clean)).toEqual([]);
  expect(theSeal(clean)).toBeDefined();
});

describe('reports', () => {
  test('a log group that is exempt and sealed', () => {
    expect(
      violated((_, evidence) => {
        theSeal(evidence).input.logGroupName = '/exempt/1';
      }),
    ).toContain('noExemptStoreIsSealed');
  });

  test('a change that is none of a key', () => {
    expect(
      violated(
        (_stack, { calls }) => void calls.push({ ...calls[0], name: 'logs:DeleteLogGroup', actingAs: 'ScanFunction' }),
      ),
    ).toContain('changesOnlyKeys');
  });

  test('any change in Audit', () => {
    expect(violated((stack) => Object.assign(stack, { mode: 'Audit' }))).toContain('changesOnlyKeys');
  });

  test('a healthy log group that was sealed', () => {
    expect(
      violated((_stack, evidence) => Object.assign(evidence.start.stores, { [`${HOME} /app/1`]: keyArn('other') })),
    ).toContain('sealsOnlyWhatNeedsIt');
  });

  test('a log group that was sealed unread', () => {
    expect(
      violated((_stack, evidence) => {
        evidence.calls = evidence.calls.filter((call: Broken) => !call.input.logGroupIdentifiers);
      }),
    ).toContain('sealsOnlyWhatNeedsIt');
  });

  test('a log group that was sealed in a Region that is not configured', () => {
    expect(violated((stack) => Object.assign(stack, { regions: ['us-east-1'] }))).toContain('sealsOnlyWhatNeedsIt');
  });

  test('another key than the configured one', () => {
    expect(
      violated((_stack, evidence) => Object.assign(theSeal(evidence).input, { kmsKeyId: keyArn('other') })),
    ).toContain('onlyTheConfiguredKey');
  });

  test('a change without an INTENT, and one whose entry says FAILED', () => {
    expect(
      violated((stack) => {
        stack.journal = stack.journal.filter((entry: Broken) => entry.store.name !== '/app/1');
      }),
    ).toContain('journalExplainsEveryChange');
    expect(
      violated((stack) => {
        for (const entry of stack.journal) if (entry.phase === 'DONE') entry.phase = 'FAILED';
      }),
    ).toContain('journalExplainsEveryChange');
  });

  test('an INTENT that was written after the change', () => {
    expect(
      violated((stack, evidence) => {
        const intent = stack.journal.find((entry: Broken) => entry.phase === 'INTENT' && entry.store.name === '/app/1');
        intent.writtenAtMs = theSeal(evidence).atMs + 1;
      }),
    ).toContain('journalExplainsEveryChange');
  });

  test('a DONE entry of a change that was not made', () => {
    expect(
      violated((_stack, evidence) => {
        evidence.calls = evidence.calls.filter((call: Broken) => call !== theSeal(evidence));
      }),
    ).toContain('journalIsTrue');
  });

  test('a finding without an outcome, unless its message is in a queue', () => {
    const lose = (stack: Broken) => {
      stack.events = without(stack.events, outcomesOf(stack, '/restricted/1'));
    };
    expect(violated(lose)).toContain('everyFindingHasAnOutcome');
    expect(
      violated((stack) => {
        lose(stack);
        stack.waiting = [JSON.stringify(findingsOf(stack, '/restricted/1')[0])];
      }),
    ).not.toContain('everyFindingHasAnOutcome');
  });

  test('two outcomes of a run that differ', () => {
    expect(
      violated((stack) => {
        const [outcome] = outcomesOf(stack, '/app/1');
        stack.events.push({ ...outcome, detail: { ...outcome.detail, outcome: 'REFUSED' } });
      }),
    ).toContain('outcomesAgree');
  });

  test('SEALED where nothing was sealed', () => {
    expect(
      violated((stack) => {
        const [outcome] = outcomesOf(stack, '/restricted/1');
        stack.events.push({
          ...outcome,
          detail: { ...outcome.detail, runId: 'another', outcome: 'SEALED', toKeyArn: LOGSEAL },
        });
      }),
    ).toContain('sealedIsTrue');
  });

  test('a sealed log group that nobody is told of', () => {
    expect(
      violated((stack) => Object.assign(stack, { events: without(stack.events, outcomesOf(stack, '/app/1')) })),
    ).toEqual(expect.arrayContaining(['everySealIsReported', 'sealsAddUp']));
  });

  test('no such log group that somebody else changed before anything was known of it, unless the journal has it as DONE', () => {
    const lose = (stack: Broken, evidence: Broken) => {
      const seal = theSeal(evidence);
      const gone = { ...seal, atMs: seal.atMs + 5000, name: 'logs:DeleteLogGroup', actingAs: undefined };
      evidence.calls.push(gone);
      // Another message about the log group has an outcome before somebody else changes it, and the one that was sealed for has it after.
      const [outcome] = outcomesOf(stack, '/app/1');
      const ofAnother = (runId: string, outcomeOf: string, afterMs: number) => ({
        ...outcome,
        time: new Date(seal.atMs + afterMs).toISOString(),
        detail: { ...outcome.detail, runId, outcome: outcomeOf },
      });
      stack.events = without(stack.events, [outcome]);
      stack.events.push(ofAnother('second', 'UNCHANGED', 2000), ofAnother('third', 'REFUSED', 8000));
    };
    expect(violated(lose)).toContain('everySealIsReported');
    expect(
      violated((stack, evidence) => {
        lose(stack, evidence);
        stack.journal = stack.journal.filter((entry: Broken) => entry.phase !== 'DONE');
      }),
    ).not.toContain('everySealIsReported');
  });

  test('a healthy log group that is flagged, and one that is UNKNOWN', () => {
    const flag = (status: string) => (stack: Broken) => {
      const [finding] = findingsOf(stack, '/app/1');
      stack.events.push({ ...finding, detail: { ...finding.detail, name: '/app/healthy', status } });
    };
    expect(violated(flag('NON_COMPLIANT'))).toContain('noHealthyStoreIsFlagged');
    expect(violated(flag('UNKNOWN'))).toContain('noHealthyStoreIsFlagged');
  });

  test('a log group that a complete scan did not flag', () => {
    expect(
      violated((stack) => Object.assign(stack, { events: without(stack.events, findingsOf(stack, '/restricted/1')) })),
    ).toEqual(expect.arrayContaining(['nothingIsMissed', 'scanCountsAddUp']));
  });

  test('a scan that never ended, and one that fails after the faults', () => {
    const ends = (stack: Broken): Broken[] =>
      stack.events.filter((event: Broken) => event['detail-type'] === 'Scan Completed');
    expect(violated((stack) => Object.assign(stack, { events: without(stack.events, ends(stack)) }))).toEqual(
      expect.arrayContaining(['everyScanEnds', 'recovers']),
    );
    expect(
      violated((stack) => {
        for (const end of ends(stack)) end.detail.status = 'FAILED';
      }),
    ).toContain('recovers');
  });

  test('two scans of a Region at once', () => {
    expect(
      violated((_stack, { calls }) => {
        const page = calls.find(
          (call: Broken) => call.name === 'logs:DescribeLogGroups' && call.actingAs === 'ScanFunction',
        );
        const next = { ...page, input: { nextToken: 'a token' } };
        calls.push({ ...page, instance: 7 }, { ...page, instance: 8 }, { ...next, instance: 7 });
      }),
    ).toContain('oneScanAtATime');
  });

  test('outcomes that are counted too often', () => {
    expect(
      violated((stack) => {
        const line = stack.lines.remediate.find((one: string) => one.startsWith('{"_aws"') && one.includes('"Sealed"'));
        stack.lines.remediate.push(line);
      }),
    ).toEqual(expect.arrayContaining(['outcomesAreCounted', 'sealsAddUp']));
  });

  test('counts of a scan that do not add up', () => {
    expect(
      violated((stack) => {
        const end = stack.events.find((event: Broken) => event['detail-type'] === 'Scan Completed');
        end.detail.counts.stores++;
      }),
    ).toContain('scanCountsAddUp');
  });
});
