import { describe, expect, it } from 'vitest';
import { applyTarget } from '../../../lib/app/change/apply-plan.ts';
import { planTarget } from '../../../lib/app/change/plan-target.ts';
import { planUndo, undoTarget } from '../../../lib/app/change/undo.ts';
import type { Cloud } from '../../../lib/app/ports.ts';
import { scanTarget } from '../../../lib/app/scan/scan-target.ts';
import type { KeyEntry } from '../../../lib/domain/journal.ts';
import type { KeyFacts } from '../../../lib/domain/key.ts';
import type { FoundLogStore } from '../../../lib/domain/log-store.ts';
import type { Step } from '../../../lib/domain/plan-step.ts';
import type { KeyPolicyCode, Problem } from '../../../lib/domain/reasons.ts';
import { logstoreOf, SERVICE_KEY } from '../../../lib/domain/stores/logstore.ts';
import type { Target } from '../../../lib/domain/target.ts';
import type { CloudError } from '../../../lib/errors.ts';
import { NOW } from '../../support/builders.ts';
import { aCloudError, fakeJournal } from '../../support/fake-cloud.ts';

const TARGET: Target = { provider: 'alibaba', account: '1234567890123456', region: 'cn-hangzhou' };
const CALLER = { account: TARGET.account, arn: 'acs:ram:*:access-key/test', partition: 'acs' };
const KEY = 'key-1';
const fixed = (keyArn: string) => ({ keyArn, region: keyArn === SERVICE_KEY ? null : TARGET.region });
type State = Omit<FoundLogStore, 'store'>;
const ON: State = { keyArn: KEY, fixed: fixed(KEY) };
const OFF: State = { keyArn: null, fixed: fixed(KEY) };
const NEVER: State = { keyArn: null };
const SERVICE: State = { keyArn: SERVICE_KEY, fixed: fixed(SERVICE_KEY) };

interface World {
  readonly stores: Record<string, State>;
  readonly states?: Readonly<Record<string, string>>;
  readonly problem?: Problem<KeyPolicyCode> | CloudError;
  readonly acceptsServiceKey?: boolean;
}

/** The ports of one Region of Alibaba Cloud on plain maps. */
function aCloud({ stores, states = {}, problem, acceptsServiceKey = false }: World) {
  const log: string[] = [];
  const storeOf = (name: string) => logstoreOf(TARGET, 'app-logs', name);
  const nameOf = (arn: string) => arn.replace(/.*\//, '');
  const found = (name: string): FoundLogStore[] => {
    const state = stores[name];
    return state ? [{ store: storeOf(name), ...state }] : [];
  };
  const cloud: Cloud = {
    provider: 'alibaba',
    logStores: {
      async *pages() {
        yield { stores: Object.keys(stores).flatMap(found), nextToken: null };
      },
      read: async (all) => new Map(all.flatMap(({ arn }) => found(nameOf(arn)).map((one) => [arn, one] as const))),
      async seal({ arn }, keyArn, mayConfigure) {
        log.push(`seal ${nameOf(arn)} ${keyArn}${mayConfigure ? ' for good' : ''}`);
        stores[nameOf(arn)] = { keyArn, fixed: fixed(keyArn) };
      },
      async unseal({ arn }) {
        log.push(`unseal ${nameOf(arn)}`);
        stores[nameOf(arn)] = { ...stores[nameOf(arn)], keyArn: null };
      },
    },
    keys: {
      async describe(arn): Promise<KeyFacts> {
        log.push(`describe ${arn}`);
        if (states[arn] === 'gone') throw aCloudError('NOT_FOUND');
        return {
          arn,
          account: '',
          state: states[arn] ?? 'Enabled',
          spec: 'SYMMETRIC_DEFAULT',
          usage: 'ENCRYPT_DECRYPT',
        };
      },
      policyText: () => Promise.reject(aCloudError('INVALID_REQUEST')),
      putPolicy: () => Promise.reject(aCloudError('INVALID_REQUEST')),
      grants: () => Promise.reject(aCloudError('INVALID_REQUEST')),
      async roleProblem() {
        log.push('role');
        if (problem instanceof Error) throw problem;
        return problem ?? null;
      },
      acceptsServiceKey,
    },
    caller: async () => CALLER,
    owner: async () => CALLER,
    identityPolicies: async () => ({ principalArn: null, decisions: null, because: 'none' }),
    apiCalls: () => ({}),
  };
  return { cloud, log, stores, storeOf };
}

async function scanned(world: World) {
  const made = aCloud(world);
  const findings: Record<string, string[]> = {};
  await scanTarget(TARGET, made.cloud, {
    requiredKey: null,
    now: NOW,
    onFindings: (some) => {
      for (const { name, reasons } of some) findings[name.slice(9)] = reasons.map(({ code }) => code);
    },
  });
  return { ...made, findings };
}

async function applied(steps: readonly Step[], made: ReturnType<typeof aCloud>) {
  const book = fakeJournal();
  const outcomes = await applyTarget(steps, made.cloud, {
    runId: 'run-1',
    actor: CALLER.arn,
    journal: book.journal,
    clock: () => NOW,
    requiresKey: false,
    onOutcome: () => {},
  });
  const short = outcomes.map(({ store, outcome, refusal }) =>
    [store.name.slice(9), outcome, refusal?.code].filter(Boolean).join(' '),
  );
  return { outcomes, short, ...book };
}

const planned = async (made: ReturnType<typeof aCloud>, key = KEY) =>
  (await planTarget(TARGET, made.cloud, { key, requiresKey: false, now: NOW })).steps;

describe('a scan', () => {
  it('asks for each key once, never for the service key, and never about a role', async () => {
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

  it('takes the service key where it is accepted', async () => {
    expect((await scanned({ stores: { eee: SERVICE }, acceptsServiceKey: true })).findings).toEqual({ eee: [] });
  });

  it('says of a key that is gone that it is not found', async () => {
    expect((await scanned({ stores: { aaa: ON }, states: { [KEY]: 'gone' } })).findings).toEqual({
      aaa: ['KEY_NOT_FOUND'],
    });
  });
});

describe('a plan', () => {
  it('asks about the role once, and only for the configured key', async () => {
    const made = aCloud({ stores: { aaa: NEVER, bbb: NEVER, ccc: { keyArn: 'key-2', fixed: fixed('key-2') } } });

    const steps = await planned(made);

    expect(steps.map(({ action, irreversible }) => `${action} ${irreversible}`)).toEqual(['SEAL true', 'SEAL true']);
    expect(made.log.toSorted()).toEqual([`describe ${KEY}`, 'describe key-2', 'role']);
  });

  it('with the service key asks about neither key nor role', async () => {
    const made = aCloud({ stores: { aaa: NEVER }, acceptsServiceKey: true });

    expect(await planned(made, SERVICE_KEY)).toMatchObject([{ toKeyArn: SERVICE_KEY, irreversible: true }]);
    expect(made.log).toEqual([]);
  });
});

describe('an application', () => {
  it('seals as planned', async () => {
    const made = aCloud({ stores: { aaa: NEVER, bbb: OFF } });

    const { short, phases } = await applied(await planned(made), made);

    expect(short).toEqual(['aaa SEALED', 'bbb SEALED']);
    expect(phases()).toHaveLength(4);
    expect(made.log.filter((line) => line.startsWith('seal'))).toEqual([`seal aaa ${KEY} for good`, `seal bbb ${KEY}`]);
  });

  it.each<[string, State, State, string]>([
    ['became one for good', OFF, NEVER, 'aaa REFUSED STORE_CHANGED'],
    [
      'was configured otherwise and switched off',
      NEVER,
      { keyArn: null, fixed: fixed('key-2') },
      'aaa REFUSED IRREVERSIBLE',
    ],
    ['was configured otherwise', NEVER, { keyArn: 'key-2', fixed: fixed('key-2') }, 'aaa REFUSED STORE_CHANGED'],
    ['was configured with the service key', NEVER, SERVICE, 'aaa REFUSED STORE_CHANGED'],
    ['is done', NEVER, ON, 'aaa UNCHANGED'],
    ['only is to be switched on', NEVER, OFF, 'aaa SEALED'],
  ])('of a step that %s', async (_, before, after, outcome) => {
    const made = aCloud({ stores: { aaa: before } });
    const steps = await planned(made);
    made.stores['aaa'] = after;

    const { short, outcomes } = await applied(steps, made);

    expect(short).toEqual([outcome]);
    if (outcome.includes('REFUSED')) expect(made.stores['aaa']).toBe(after);
    if (before === OFF) {
      expect(outcomes[0]?.refusal).toEqual({
        code: 'STORE_CHANGED',
        message: 'its encryption would be configured for the first time and for good, which the plan did not say',
        fix: 'plan again',
      });
    }
  });

  it('asks about the role anew', async () => {
    const stores = { aaa: NEVER };
    const steps = await planned(aCloud({ stores }));
    const made = aCloud({ stores, problem: { code: 'KEY_POLICY_MISSING_ACTIONS', message: 'm', fix: 'c' } });

    const { short, phases } = await applied(steps, made);

    expect(short).toEqual(['aaa REFUSED KEY_POLICY_MISSING_ACTIONS']);
    expect(phases()).toEqual([]);
  });

  it('fails, for another attempt, where the role could not be read this time', async () => {
    const stores = { aaa: NEVER };
    const steps = await planned(aCloud({ stores }));
    const made = aCloud({ stores, problem: aCloudError('UNAVAILABLE', 'RAM is down') });

    const { outcomes, phases } = await applied(steps, made);

    expect(outcomes).toMatchObject([
      { outcome: 'FAILED', refusal: null, error: { code: 'UNAVAILABLE', message: 'RAM is down' } },
    ]);
    expect(phases()).toEqual([]);
    expect(made.stores).toEqual({ aaa: NEVER });
  });

  it('is not planned either where the role could not be read', async () => {
    const made = aCloud({ stores: { aaa: NEVER }, problem: aCloudError('NETWORK', 'no route to RAM') });

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
  it('switches off, and the undo of it on again', async () => {
    const made = aCloud({ stores: { aaa: NEVER } });
    const undo = async (book: Pick<ReturnType<typeof fakeJournal>, 'entries'>, runId: string) => {
      const changes = book.entries.filter((entry) => entry.change === 'KEY' && entry.phase === 'DONE') as KeyEntry[];
      const plan = await planUndo(changes, made.cloud, NOW);
      const next = fakeJournal();
      const by = { runId, actor: CALLER.arn, journal: next.journal, clock: () => NOW, onOutcome: () => {} };
      await undoTarget(plan, made.cloud, by);
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
