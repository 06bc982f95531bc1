import { applySteps } from '../../lib/app/change/apply-plan.ts';
import { planTarget } from '../../lib/app/change/plan-target.ts';
import type { Cloud } from '../../lib/app/ports.ts';
import type { KeyFacts } from '../../lib/domain/key.ts';
import type { FoundLogStore, StoreReading } from '../../lib/domain/log-store.ts';
import type { Step } from '../../lib/domain/plan-step.ts';
import type { KeyPolicyCode, Problem } from '../../lib/domain/reasons.ts';
import { type Rules, rulesAt } from '../../lib/domain/rules.ts';
import { logStoreOf } from '../../lib/domain/stores/index.ts';
import { SERVICE_KEY } from '../../lib/domain/stores/logstore.ts';
import type { Target } from '../../lib/domain/target.ts';
import type { CloudError } from '../../lib/errors.ts';
import { NOW } from './builders.ts';
import { aCloudError, fakeJournal } from './fake-cloud.ts';

export const TARGET: Target = { provider: 'alibaba', account: '1234567890123456', region: 'cn-hangzhou' };
export const CALLER = { account: TARGET.account, arn: 'acs:ram:*:access-key/test', partition: 'acs' };
export const KEY = 'key-1';
export const fixed = (keyArn: string) => ({ keyArn, region: keyArn === SERVICE_KEY ? null : TARGET.region });
export type State = Omit<FoundLogStore, 'store'>;
export const ON: State = { keyArn: KEY, fixed: fixed(KEY) };
export const OFF: State = { keyArn: null, fixed: fixed(KEY) };
export const NEVER: State = { keyArn: null };
export const SERVICE: State = { keyArn: SERVICE_KEY, fixed: fixed(SERVICE_KEY) };

export interface LogstoreWorld {
  readonly stores: Record<string, State>;
  /** The state of each key, or what describing it fails with; default Enabled. */
  readonly states?: Readonly<Record<string, string | CloudError>>;
  readonly role?: Problem<KeyPolicyCode> | CloudError;
}

/** The ports of one Region of Alibaba Cloud on plain maps. */
export function aCloud({ stores, states = {}, role }: LogstoreWorld) {
  const log: string[] = [];
  const storeOf = (name: string) => logStoreOf('logstore', 'acs', TARGET, `app-logs/${name}`);
  const nameOf = (arn: string) => arn.replace(/.*\//, '');
  const found = (name: string): FoundLogStore[] => {
    const state = stores[name];
    return state ? [{ store: storeOf(name), ...state }] : [];
  };
  const cloud: Cloud = {
    provider: 'alibaba',
    logStores: {
      async *pages() {
        const readings = Object.keys(stores).flatMap((name) =>
          found(name).map((one) => ({ status: 'FOUND', found: one }) as const),
        );
        yield { readings, nextToken: null };
      },
      read: async (all) =>
        all.map((store): StoreReading => {
          const [one] = found(nameOf(store.arn));
          return one ? { status: 'FOUND', found: one } : { status: 'GONE', store };
        }),
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
        const state = states[arn] ?? 'Enabled';
        if (state instanceof Error) throw state;
        return {
          arn,
          account: '',
          state,
          spec: 'SYMMETRIC_DEFAULT',
          usage: 'ENCRYPT_DECRYPT',
        };
      },
      policyText: () => Promise.reject(aCloudError('INVALID_REQUEST')),
      putPolicy: () => Promise.reject(aCloudError('INVALID_REQUEST')),
      grants: () => Promise.reject(aCloudError('INVALID_REQUEST')),
      async roleProblem() {
        log.push('role');
        if (role instanceof Error) throw role;
        return role ?? null;
      },
    },
    caller: async () => CALLER,
    owner: async () => CALLER,
    identityPolicies: async () => ({ principalArn: null, decisions: null, because: 'none' }),
    apiCalls: () => ({}),
  };
  return { cloud, log, stores, storeOf };
}

/** Applies steps. `short` has the name, the outcome and the code of each. */
export async function applied(
  steps: readonly Step[],
  made: ReturnType<typeof aCloud>,
  key = KEY,
  rules: Rules = rulesAt(NOW),
) {
  const book = fakeJournal();
  const outcomes = await applySteps(steps, made.cloud, {
    runId: 'run-1',
    actor: CALLER.arn,
    journal: book.journal,
    clock: () => NOW,
    rules: { ...rules, key },
    onOutcome: () => {},
  });
  const short = outcomes.map(({ store, outcome, refusal }) =>
    [store.name.slice(9), outcome, refusal?.code].filter(Boolean).join(' '),
  );
  return { outcomes, short, ...book };
}

export async function planned(made: ReturnType<typeof aCloud>, key = KEY, rules: Rules = rulesAt(NOW)) {
  const steps: Step[] = [];
  await planTarget(TARGET, made.cloud, { rules: { ...rules, key }, onSteps: (page) => void steps.push(...page) });
  return steps;
}
