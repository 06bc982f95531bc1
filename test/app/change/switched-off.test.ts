import { describe, expect, it } from 'vitest';
import { remediateStores } from '../../../lib/app/change/remediate-stores.ts';
import { planUndo, undoChanges } from '../../../lib/app/change/undo.ts';
import type { KeyEntry } from '../../../lib/domain/journal.ts';
import type { ChangeStep } from '../../../lib/domain/plan-step.ts';
import { problem } from '../../../lib/domain/reasons.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { SERVICE_KEY } from '../../../lib/domain/stores/logstore.ts';
import type { CloudError } from '../../../lib/errors.ts';
import { NOW } from '../../support/builders.ts';
import { aCloudError, fakeJournal } from '../../support/fake-cloud.ts';
import {
  aCloud,
  applied,
  CALLER,
  fixed,
  KEY,
  NEVER,
  OFF,
  planned,
  SERVICE,
  type State,
} from '../../support/fake-logstores.ts';

/** Configured with another key than the configured one, and switched off. */
const DORMANT: State = { keyArn: null, fixed: fixed('key-2') };
const REQUIRING = rulesAt(NOW, { key: KEY, requiresKey: true });
const ACCEPTING = rulesAt(NOW, { acceptsServiceKey: true });

type Made = ReturnType<typeof aCloud>;

/** What a plan says in short. */
async function shortPlan(made: Made, ...options: [key?: string, rules?: typeof REQUIRING]) {
  const steps = await planned(made, ...options);
  return steps.map(({ store, action, toKeyArn, refusal }) =>
    [store.name.slice(9), action, refusal?.code ?? toKeyArn].join(' '),
  );
}

const described = ({ log }: Made) => log.filter((line) => line.startsWith('describe')).toSorted();
const sealed = ({ log }: Made) => log.filter((line) => line.startsWith('seal'));

describe('a Logstore that was configured with another healthy key and is switched off', () => {
  it('is planned under its own key, which is described once however many Logstores have it', async () => {
    const other: State = { keyArn: null, fixed: fixed('key-3') };
    const made = aCloud({ stores: { aaa: DORMANT, bbb: NEVER, ccc: DORMANT, ddd: OFF, eee: other } });

    expect(await shortPlan(made)).toEqual([
      'aaa SEAL key-2',
      `bbb SEAL ${KEY}`,
      'ccc SEAL key-2',
      `ddd SEAL ${KEY}`,
      'eee SEAL key-3',
    ]);
    expect(described(made)).toEqual([`describe ${KEY}`, 'describe key-2', 'describe key-3']);
  });

  it('is no first configuration', async () => {
    const [step] = await planned(aCloud({ stores: { aaa: DORMANT } }));

    expect(step).toMatchObject({ action: 'SEAL', fromKeyArn: null, toKeyArn: 'key-2' });
    expect(step).not.toHaveProperty('irreversible');
  });

  it.each<[string, Partial<Parameters<typeof aCloud>[0]>]>([
    ['is disabled', { states: { [KEY]: 'Disabled' } }],
    ['does not exist', { states: { [KEY]: aCloudError('NOT_FOUND') } }],
    ['cannot be read this time', { states: { [KEY]: aCloudError('THROTTLED') } }],
    ['has a role that SLS cannot assume', { role: problem('KEY_POLICY_MISSING_ACTIONS', 'm', 'f') }],
  ])('is sealed under its own key even if the configured key %s', async (_, world) => {
    const made = aCloud({ stores: { aaa: DORMANT }, ...world });

    expect((await applied(await planned(made), made)).short).toEqual(['aaa SEALED']);
    expect(sealed(made)).toEqual(['seal aaa key-2']);
  });

  it('is sealed under its own key if the configured key is the service key', async () => {
    const off: State = { keyArn: null, fixed: fixed(SERVICE_KEY) };
    const made = aCloud({ stores: { aaa: DORMANT, bbb: off } });

    const steps = await planned(made, SERVICE_KEY, ACCEPTING);
    const { short } = await applied(steps, made, SERVICE_KEY, ACCEPTING);

    expect(short).toEqual(['aaa SEALED', 'bbb SEALED']);
    expect(sealed(made)).toEqual(['seal aaa key-2', `seal bbb ${SERVICE_KEY}`]);
    expect(described(made)).toEqual(['describe key-2', 'describe key-2']);
  });

  it('is refused if the rules require the configured key, and its own key is not described', async () => {
    const made = aCloud({ stores: { aaa: DORMANT, bbb: OFF } });

    expect(await shortPlan(made, KEY, REQUIRING)).toEqual(['aaa NONE IRREVERSIBLE', `bbb SEAL ${KEY}`]);
    expect(described(made)).toEqual([`describe ${KEY}`]);
  });

  it('is refused if its key is in another Region, and that key is not described', async () => {
    const far: State = { keyArn: null, fixed: { keyArn: 'key-2', region: 'cn-beijing' } };
    const made = aCloud({ stores: { aaa: far } });

    const [step] = await planned(made);

    expect(step?.refusal).toMatchObject({
      code: 'IRREVERSIBLE',
      message: 'it was configured with the key key-2 of cn-beijing, and that can never be changed',
    });
    expect(described(made)).toEqual([`describe ${KEY}`]);
  });

  it('is refused like before if the key is one of the service', async () => {
    const made = aCloud({ stores: { aaa: { keyArn: null, fixed: fixed(SERVICE_KEY) }, bbb: SERVICE } });

    expect(await shortPlan(made)).toEqual(['aaa NONE IRREVERSIBLE', 'bbb NONE IRREVERSIBLE']);
  });
});

describe('a Logstore that is switched off and whose own key', () => {
  const ANOTHER = 'create another Logstore with the key that you want, and send the logs there';

  it.each<[string, string | CloudError, string, string]>([
    ['is disabled', 'Disabled', 'key-2 is disabled', `aliyun kms EnableKey --KeyId key-2; or ${ANOTHER}`],
    [
      'is to be deleted',
      'PendingDeletion',
      'what was encrypted under key-2 cannot be read now, and will be lost at the end of its waiting period, when the key is deleted',
      `aliyun kms CancelKeyDeletion --KeyId key-2, then aliyun kms EnableKey --KeyId key-2; or ${ANOTHER}`,
    ],
    [
      'is gone',
      aCloudError('NOT_FOUND'),
      'what was encrypted under key-2 cannot be read any more, since the key does not exist in cn-hangzhou',
      ANOTHER,
    ],
  ])('%s is refused as IRREVERSIBLE with the reason, and nothing is changed', async (_, state, why, fix) => {
    const made = aCloud({ stores: { aaa: DORMANT }, states: { 'key-2': state } });

    const steps = await planned(made);

    expect(steps[0]?.refusal).toEqual({
      code: 'IRREVERSIBLE',
      severity: 'MEDIUM',
      message: `it was configured with the key key-2, and that can never be changed: ${why}`,
      fix,
    });
    expect((await applied(steps, made)).short).toEqual(['aaa REFUSED IRREVERSIBLE']);
    expect(sealed(made)).toEqual([]);
  });

  it('may not be read is refused as KEY_UNREADABLE, with the right that is missing', async () => {
    const made = aCloud({ stores: { aaa: DORMANT }, states: { 'key-2': aCloudError('ACCESS_DENIED') } });

    const [step] = await planned(made);

    expect(step?.refusal).toMatchObject({
      code: 'KEY_UNREADABLE',
      fix: expect.stringContaining('allow the caller kms:DescribeKey on the key key-2'),
    });
  });

  it('cannot be read this time is refused in a plan, and FAILED before a change, for another try', async () => {
    const stores = { aaa: DORMANT };
    const states = { 'key-2': aCloudError('THROTTLED') };

    expect(await shortPlan(aCloud({ stores, states }))).toEqual(['aaa NONE KEY_UNREADABLE']);
    const made = aCloud({ stores, states });
    const { outcomes, phases } = await applied(await planned(aCloud({ stores })), made);
    expect(outcomes).toMatchObject([{ outcome: 'FAILED', toKeyArn: 'key-2', error: { code: 'THROTTLED' } }]);
    expect(phases()).toEqual([]);
  });
});

describe('an apply of a plan whose steps have several keys', () => {
  const STORES = { aaa: DORMANT, bbb: NEVER, ccc: DORMANT, ddd: OFF };

  it('seals each under its own, reports them in the order of the plan, and describes each key once', async () => {
    const steps = await planned(aCloud({ stores: { ...STORES } }));
    const made = aCloud({ stores: { ...STORES } });

    const { short, outcomes, entries } = await applied(steps, made);

    expect(short).toEqual(['aaa SEALED', 'bbb SEALED', 'ccc SEALED', 'ddd SEALED']);
    expect(outcomes.map(({ toKeyArn }) => toKeyArn)).toEqual(['key-2', KEY, 'key-2', KEY]);
    expect(sealed(made).toSorted()).toEqual([
      'seal aaa key-2',
      `seal bbb ${KEY} for good`,
      'seal ccc key-2',
      `seal ddd ${KEY}`,
    ]);
    expect(described(made)).toEqual([`describe ${KEY}`, 'describe key-2']);
    const ends = entries.filter(({ phase }) => phase === 'DONE');
    const byName = Object.fromEntries(ends.map(({ store, from, to }) => [store?.name.split('/').at(-1), { from, to }]));
    expect(byName).toEqual({
      aaa: { from: null, to: 'key-2' },
      bbb: { from: null, to: KEY },
      ccc: { from: null, to: 'key-2' },
      ddd: { from: null, to: KEY },
    });
  });

  it.each<[string, keyof typeof STORES, string]>([
    ['to another key than its own', 'aaa', 'key-3'],
    ['to the configured key', 'aaa', KEY],
    ['to another key than the configured one', 'bbb', 'key-3'],
    ['to the key of another Logstore', 'bbb', 'key-2'],
    ['to the key of another Logstore, though it has one of its own', 'ddd', 'key-2'],
    ['to the service key', 'bbb', SERVICE_KEY],
  ])('changes nothing of a step that was edited %s', async (_, name, toKeyArn) => {
    const made = aCloud({ stores: { ...STORES } });
    const steps = (await planned(made)).map((step) =>
      step.store.name.endsWith(name) ? ({ ...step, toKeyArn } as ChangeStep) : step,
    );

    const { short } = await applied(steps, made);

    const others = Object.keys(STORES).filter((other) => other !== name);
    expect(short.toSorted()).toEqual(
      [`${name} REFUSED STORE_CHANGED`, ...others.map((other) => `${other} SEALED`)].toSorted(),
    );
    expect(made.stores[name]).toEqual(STORES[name]);
  });

  it.each<[string, State, string]>([
    ['was created again without a configuration', NEVER, 'STORE_CHANGED'],
    ['was configured with a third key and switched off', { keyArn: null, fixed: fixed('key-3') }, 'STORE_CHANGED'],
    ['has the service key now', SERVICE, 'STORE_CHANGED'],
  ])('refuses a step under a key of its own if the Logstore %s', async (_, after, code) => {
    const made = aCloud({ stores: { aaa: DORMANT } });
    const steps = await planned(made);
    made.stores['aaa'] = after;

    expect((await applied(steps, made)).short).toEqual([`aaa REFUSED ${code}`]);
    expect(made.stores['aaa']).toBe(after);
  });

  it('leaves a Logstore that was switched on since', async () => {
    const made = aCloud({ stores: { aaa: DORMANT } });
    const steps = await planned(made);
    made.stores['aaa'] = { keyArn: 'key-2', fixed: fixed('key-2') };

    expect((await applied(steps, made)).short).toEqual(['aaa UNCHANGED']);
  });
});

describe('what else seals or unseals', () => {
  const by = (runId: string, { journal }: Pick<ReturnType<typeof fakeJournal>, 'journal'>) => ({
    ...{ runId, actor: CALLER.arn, journal, clock: () => NOW, rules: rulesAt(NOW, { key: KEY }), onOutcome: () => {} },
  });

  it.each([
    ['Enforce', 'SEALED'],
    ['Audit', 'UNCHANGED'],
  ] as const)('a remediation decides the same: %s', async (mode, outcome) => {
    const made = aCloud({ stores: { aaa: DORMANT, bbb: DORMANT } });
    const options = { ...by('run-1', fakeJournal()), mode, onAgain: () => {} };

    const outcomes = await remediateStores([made.storeOf('aaa'), made.storeOf('bbb')], made.cloud, options);

    expect(outcomes).toMatchObject(['aaa', 'bbb'].map(() => ({ outcome, action: 'SEAL', toKeyArn: 'key-2' })));
    expect(described(made)).toEqual([`describe ${KEY}`, 'describe key-2']);
  });

  it('an undo switches it off again, and undoing that switches it on under its own key', async () => {
    const made = aCloud({ stores: { aaa: DORMANT } });
    const undo = async ({ entries }: Pick<ReturnType<typeof fakeJournal>, 'entries'>, runId: string) => {
      const changes = entries.filter((entry) => entry.phase === 'DONE') as KeyEntry[];
      const book = fakeJournal();
      await undoChanges(await planUndo(changes, made.cloud, rulesAt(NOW)), made.cloud, by(runId, book));
      return book;
    };
    const first = await applied(await planned(made), made);

    const second = await undo(first, 'run-2');
    expect(made.stores['aaa']).toEqual(DORMANT);
    await undo(second, 'run-3');

    expect(made.stores['aaa']).toEqual({ keyArn: 'key-2', fixed: fixed('key-2') });
  });
});
