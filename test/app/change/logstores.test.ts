import { describe, expect, it } from 'vitest';
import { planUndo, undoChanges } from '../../../lib/app/change/undo.ts';
import { scanTarget } from '../../../lib/app/scan/scan-target.ts';
import type { KeyEntry } from '../../../lib/domain/journal.ts';
import { problem } from '../../../lib/domain/reasons.ts';
import { type Rules, rulesAt } from '../../../lib/domain/rules.ts';
import { SERVICE_KEY } from '../../../lib/domain/stores/logstore.ts';
import { NOW } from '../../support/builders.ts';
import { aCloudError, fakeJournal } from '../../support/fake-cloud.ts';
import {
  aCloud,
  applied,
  CALLER,
  fixed,
  KEY,
  type LogstoreWorld,
  NEVER,
  OFF,
  ON,
  planned,
  SERVICE,
  type State,
  TARGET,
} from '../../support/fake-logstores.ts';

const RULES = rulesAt(NOW);
const ACCEPTING = rulesAt(NOW, { acceptsServiceKey: true });

async function scanned(world: LogstoreWorld, rules: Rules = RULES) {
  const made = aCloud(world);
  const findings: Record<string, string[]> = {};
  await scanTarget(TARGET, made.cloud, {
    rules,
    onStores: (stores) => {
      for (const { finding } of stores) findings[finding.name.slice(9)] = finding.reasons.map(({ code }) => code);
    },
  });
  return { ...made, findings };
}

describe('a scan', () => {
  it('describes each key once, never the service key, and never reads a role', async () => {
    const { findings, log } = await scanned({ stores: { aaa: ON, bbb: ON, ccc: OFF, ddd: NEVER, eee: SERVICE } });

    expect(findings).toEqual({
      aaa: [],
      bbb: [],
      ccc: ['ENCRYPTION_OFF'],
      ddd: ['ENCRYPTION_OFF'],
      eee: ['SERVICE_KEY'],
    });
    expect(log).toEqual([`describe ${KEY}`]);
  });

  it('accepts the service key if the rules do', async () => {
    expect((await scanned({ stores: { eee: SERVICE } }, ACCEPTING)).findings).toEqual({ eee: [] });
  });

  it('reports a key that is gone as not found', async () => {
    expect((await scanned({ stores: { aaa: ON }, states: { [KEY]: aCloudError('NOT_FOUND') } })).findings).toEqual({
      aaa: ['KEY_NOT_FOUND'],
    });
  });
});

describe('a plan', () => {
  it('checks the role once, and only for the configured key', async () => {
    const made = aCloud({ stores: { aaa: NEVER, bbb: NEVER, ccc: { keyArn: 'key-2', fixed: fixed('key-2') } } });

    const steps = await planned(made);

    expect(steps.map(({ action, irreversible }) => `${action} ${irreversible}`)).toEqual(['SEAL true', 'SEAL true']);
    expect(made.log.toSorted()).toEqual([`describe ${KEY}`, 'describe key-2', 'role']);
  });

  it('with the service key reads neither key nor role', async () => {
    const made = aCloud({ stores: { aaa: NEVER } });

    expect(await planned(made, SERVICE_KEY, ACCEPTING)).toMatchObject([{ toKeyArn: SERVICE_KEY, irreversible: true }]);
    expect(made.log).toEqual([]);
  });
});

describe('an apply', () => {
  it('seals as planned', async () => {
    const made = aCloud({ stores: { aaa: NEVER, bbb: OFF } });

    const { short, phases } = await applied(await planned(made), made);

    expect(short).toEqual(['aaa SEALED', 'bbb SEALED']);
    expect(phases()).toHaveLength(4);
    expect(made.log.filter((line) => line.startsWith('seal'))).toEqual([`seal aaa ${KEY} for good`, `seal bbb ${KEY}`]);
  });

  it.each<[string, State, State, string]>([
    ['was created again without a configuration', OFF, NEVER, 'aaa REFUSED STORE_CHANGED'],
    [
      'was configured with another key and switched off',
      NEVER,
      { keyArn: null, fixed: fixed('key-2') },
      'aaa REFUSED STORE_CHANGED',
    ],
    ['was configured with another key', NEVER, { keyArn: 'key-2', fixed: fixed('key-2') }, 'aaa REFUSED STORE_CHANGED'],
    ['was configured with the service key', NEVER, SERVICE, 'aaa REFUSED STORE_CHANGED'],
    ['got the key', NEVER, ON, 'aaa UNCHANGED'],
    ['was configured with the key and switched off', NEVER, OFF, 'aaa SEALED'],
  ])('carries out, refuses or skips a step for a Logstore that since then %s', async (_, before, after, outcome) => {
    const made = aCloud({ stores: { aaa: before } });
    const steps = await planned(made);
    made.stores['aaa'] = after;

    const { short, outcomes } = await applied(steps, made);

    expect(short).toEqual([outcome]);
    if (outcome.includes('REFUSED')) expect(made.stores['aaa']).toBe(after);
    if (before === OFF) {
      expect(outcomes[0]?.refusal).toEqual({
        code: 'STORE_CHANGED',
        severity: 'LOW',
        message: 'its encryption would be configured for the first time and for good, which the plan did not say',
        fix: 'plan again',
      });
    }
  });

  it('checks the role again', async () => {
    const stores = { aaa: NEVER };
    const steps = await planned(aCloud({ stores }));
    const made = aCloud({ stores, role: problem('KEY_POLICY_MISSING_ACTIONS', 'm', 'c') });

    const { short, phases } = await applied(steps, made);

    expect(short).toEqual(['aaa REFUSED KEY_POLICY_MISSING_ACTIONS']);
    expect(phases()).toEqual([]);
  });

  it('fails, for another try, if the role could not be read this time', async () => {
    const stores = { aaa: NEVER };
    const steps = await planned(aCloud({ stores }));
    const made = aCloud({ stores, role: aCloudError('UNAVAILABLE', 'RAM is down') });

    const { outcomes, phases } = await applied(steps, made);

    expect(outcomes).toMatchObject([
      { outcome: 'FAILED', refusal: null, error: { code: 'UNAVAILABLE', message: 'RAM is down' } },
    ]);
    expect(phases()).toEqual([]);
    expect(made.stores).toEqual({ aaa: NEVER });
  });

  it('is not planned either if the role could not be read', async () => {
    const made = aCloud({ stores: { aaa: NEVER }, role: aCloudError('NETWORK', 'no route to RAM') });

    expect(await planned(made)).toMatchObject([
      {
        action: 'NONE',
        refusal: {
          code: 'KEY_POLICY_UNREADABLE',
          message: 'the role that lets the service use the key could not be read: a:Call: no route to RAM',
          fix: 'run the command again once a:Call works',
        },
      },
    ]);
  });
});

describe('an undo', () => {
  it('switches encryption off, and undoing that switches it on again', async () => {
    const made = aCloud({ stores: { aaa: NEVER } });
    const undo = async (book: Pick<ReturnType<typeof fakeJournal>, 'entries'>, runId: string) => {
      const changes = book.entries.filter((entry) => entry.change === 'KEY' && entry.phase === 'DONE') as KeyEntry[];
      const plan = await planUndo(changes, made.cloud, RULES);
      const next = fakeJournal();
      const by = {
        runId,
        actor: CALLER.arn,
        journal: next.journal,
        clock: () => NOW,
        rules: RULES,
        onOutcome: () => {},
      };
      await undoChanges(plan, made.cloud, by);
      return { ...next, steps: plan.map(({ step }) => step) };
    };
    const first = await applied(await planned(made), made);

    const second = await undo(first, 'run-2');
    expect(second.steps).toMatchObject([{ action: 'UNSEAL', fromKeyArn: KEY, toKeyArn: null }]);
    expect(made.stores['aaa']).toEqual(OFF);
    const third = await undo(second, 'run-3');
    expect(third.steps).toMatchObject([{ action: 'SEAL', fromKeyArn: null, toKeyArn: KEY }]);
    expect(made.stores['aaa']).toEqual(ON);
    // Nothing is configured for the first time by an undo.
    expect(made.log.filter((line) => line.includes('seal'))).toEqual([
      `seal aaa ${KEY} for good`,
      'unseal aaa',
      `seal aaa ${KEY}`,
    ]);
  });
});
