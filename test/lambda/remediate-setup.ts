import { expect } from 'vitest';
import type { Outcome } from '../../lib/domain/plan-step.ts';
import type { Target } from '../../lib/domain/target.ts';
import { noConfigFile } from '../../lib/lambda/config-reader.ts';
import type { TurnWork } from '../../lib/lambda/in-turn.ts';
import { type RemediateWork, remediateForTriggers } from '../../lib/lambda/remediate-triggers.ts';
import type { RemediateTrigger } from '../../lib/lambda/triggers.ts';
import { aKey, aKeyArn, NOW, REGION } from '../support/builders.ts';
import { type FakeWorld, fakeJournal } from '../support/fake-cloud.ts';
import { CONFIG, errorsOf, fakeBus, fakeClouds, HOME } from './support.ts';

export const OTHER_REGION = 'eu-central-1';
export const DISABLED = aKeyArn('disabled');
export const EVIL = aKeyArn('evil');
/** The warning about the logs that stay under that key. */
export const OF_DISABLED = expect.objectContaining({ code: 'EARLIER_LOGS_UNREADABLE', severity: 'HIGH' });
export const WORLD: FakeWorld = {
  groups: { '/app/a': null, '/app/b': DISABLED, '/app/healthy': EVIL },
  keys: {
    'alias/logseal': aKey(),
    [EVIL]: aKey({ arn: EVIL }),
    [DISABLED]: aKey({ arn: DISABLED, state: 'Disabled' }),
  },
};
export const group = (name = '/app/a', target: Partial<Target> = {}): RemediateTrigger => ({
  kind: 'LOG_GROUP',
  target: { ...HOME, ...target },
  name,
  changedBy: null,
});

/** Takes every turn. */
export const aTurnWork = (): TurnWork => ({
  turns: { take: async () => async () => {} },
  queue: () => Promise.reject(new Error('nothing is put back')),
  ...{ invocation: 'this', heldUntil: 0, clock: () => NOW, onPutBack: () => {}, onError: () => {} },
});

export const minutesLater = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

export function aSetup(
  world: FakeWorld = WORLD,
  more: Partial<RemediateWork> = {},
  mode: 'Audit' | 'Enforce' = 'Enforce',
  queryResults = false,
) {
  const worlds = { [REGION]: world, [OTHER_REGION]: { ...WORLD, groups: { '/there': null } } };
  const clouds = fakeClouds(worlds);
  const bus = fakeBus();
  const journal = fakeJournal();
  const ignored: string[] = [];
  const reported: (Outcome & { runId: string })[] = [];
  const uncounted: (Outcome & { runId: string })[] = [];
  const changedAfterRun: Outcome[] = [];
  const refusals: string[] = [];
  const work: RemediateWork = {
    config: {
      ...CONFIG,
      regions: Object.keys(worlds),
      queryResults,
      mode,
      key: 'alias/logseal',
      journalTable: 'logseal-Journal',
      scanTable: 'logseal-Scans',
    },
    configuration: noConfigFile,
    cloudOf: clouds.cloudOf,
    isMember: async () => false,
    bus: bus.bus,
    journal: journal.journal,
    ...aTurnWork(),
    runId: 'this-run',
    clock: () => NOW,
    onIgnored: (because) => ignored.push(because),
    onRefused: ({ code }, target) => refusals.push(`${code} ${target ? target.region : 'of all'}`),
    isTimeUp: () => false,
    isOver: () => false,
    onOutcome: (outcome, runId) => reported.push({ ...outcome, runId }),
    onUncounted: (outcome, runId) => uncounted.push({ ...outcome, runId }),
    onChangedAfterRun: (outcome) => changedAfterRun.push(outcome),
    ...more,
  };
  return {
    work,
    clouds,
    bus,
    journal,
    ignored,
    reported,
    uncounted,
    changedAfterRun,
    refusals,
    keyOf: (name: string) => clouds.at(REGION).attached.get(name),
    /** By the names of the log stores, since they are sent in the order in which they become known. */
    outcomes: () => bus.of('Remediation Outcome').toSorted((a, b) => (a.store.name < b.store.name ? -1 : 1)),
    remediate: (...triggers: RemediateTrigger[]) => errorsOf(triggers, (own) => remediateForTriggers(own, work)),
    attempt: (number: number, triggers: RemediateTrigger[]) =>
      errorsOf(triggers, (own) => remediateForTriggers(own, work), number),
    first: (triggers: RemediateTrigger[], now: Partial<RemediateWork>) =>
      errorsOf(triggers, (own) => remediateForTriggers(own, { ...work, ...now })),
    /** Another invocation, for events that an earlier one returned to the queue; half an hour later. */
    again: (triggers: RemediateTrigger[], now: Partial<RemediateWork> = {}, sentAt = NOW) => {
      const next = { ...work, runId: 'next-run', clock: () => minutesLater(30), ...now };
      return errorsOf(triggers, (own) => remediateForTriggers(own, next), 2, sentAt.getTime());
    },
  };
}
