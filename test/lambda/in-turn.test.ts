import { expect, test } from 'vitest';
import type { QueueMessage } from '../../lib/app/ports.ts';
import type { RemediateWork } from '../../lib/lambda/remediate-triggers.ts';
import { remediateForTriggers } from '../../lib/lambda/remediate-triggers.ts';
import { PUT_BACK_FOR_S } from '../../lib/pacing.ts';
import { aFindingEvent } from '../events/builders.ts';
import { ACCOUNT, NOW } from '../support/builders.ts';
import { aCloudError } from '../support/fake-cloud.ts';
import { aSetup, group, OTHER_REGION } from './remediate-setup.ts';

/** A remediation in which others hold a Region. */
function aBusySetup(more: Partial<RemediateWork> = {}, mode: 'Audit' | 'Enforce' = 'Enforce') {
  const sent: QueueMessage[] = [];
  const putBack: string[] = [];
  const given: string[] = [];
  const errors: string[] = [];
  const setup = aSetup(
    undefined,
    {
      turns: {
        take: async ({ target: { region } }) => (region === OTHER_REGION ? null : async () => void given.push(region)),
      },
      queue: async () => ({ retry: async () => {}, send: async (messages) => void sent.push(...messages) }),
      onPutBack: ({ region }, events) => putBack.push(`${region} ${events}`),
      onError: ({ message }, meaning) => errors.push(`${meaning}: ${message}`),
      ...more,
    },
    mode,
  );
  const delivery = (name: string, region: string, attempt = 1) => ({
    ...{ trigger: group(name, { region }), event: aFindingEvent(name, { region }), attempt, sentAtMs: 7 },
  });
  return { ...setup, sent, putBack, given, errors, delivery };
}

test('events of a target that others work on are sent to the queue again and done, and those of others are handled', async () => {
  const { work, sent, putBack, given, delivery, outcomes } = aBusySetup();
  const busy = [delivery('/there', OTHER_REGION), delivery('/tried', OTHER_REGION, 3)];

  const { failed } = await remediateForTriggers([...busy, delivery('/app/a', 'eu-west-1')], work);

  expect([...failed]).toEqual([]);
  expect(outcomes().map(({ store }) => store.name)).toEqual(['/app/a']);
  expect(sent.map(({ body }) => JSON.parse(body))).toEqual([
    busy[0]?.event,
    { ...Object(busy[1]?.event), triedSinceMs: 7 },
  ]);
  for (const { group: groupId, delayS } of sent) {
    expect(groupId).toBe(ACCOUNT);
    expect(delayS).toBeGreaterThanOrEqual(PUT_BACK_FOR_S / 2);
    expect(delayS).toBeLessThanOrEqual(PUT_BACK_FOR_S * 1.5);
  }
  expect(putBack).toEqual([`${OTHER_REGION} 2`]);
  expect(given).toEqual(['eu-west-1']);
});

test('events that the queue does not take are delivered again', async () => {
  const { work, delivery } = aBusySetup({
    queue: async () => ({ retry: async () => {}, send: () => Promise.reject(aCloudError('UNAVAILABLE')) }),
  });
  const busy = delivery('/there', OTHER_REGION);

  const { failed } = await remediateForTriggers([busy], work);

  expect(failed.get(busy)).toMatchObject({ code: 'UNAVAILABLE' });
});

test('a table that does not answer keeps nothing from being sealed', async () => {
  const { remediate, outcomes, errors } = aBusySetup({
    turns: { take: () => Promise.reject(aCloudError('UNAVAILABLE')) },
  });

  expect(await remediate(group())).toEqual([undefined]);

  expect(outcomes()).toMatchObject([{ outcome: 'SEALED' }]);
  expect(errors).toEqual([expect.stringContaining('no turn could be taken')]);
});

test('a target that cannot be given back is logged, and its outcomes count', async () => {
  const giveBack = () => Promise.reject(aCloudError('UNAVAILABLE'));
  const { remediate, outcomes, errors } = aBusySetup({ turns: { take: async () => giveBack } });

  expect(await remediate(group())).toEqual([undefined]);

  expect(outcomes()).toMatchObject([{ outcome: 'SEALED' }]);
  expect(errors).toEqual([expect.stringContaining('could not be given back')]);
});

test('a turn is taken in the name of the invocation until it is over, and not in Audit', async () => {
  const taken: unknown[] = [];
  const turns: RemediateWork['turns'] = {
    async take(turn, now) {
      taken.push({ ...turn, now });
      return async () => {};
    },
  };

  await aBusySetup({ turns, invocation: 'me', heldUntil: 9 }).remediate(group());
  await aBusySetup({ turns }, 'Audit').remediate(group());

  expect(taken).toMatchObject([
    { target: { region: 'eu-west-1' }, invocation: 'me', heldUntil: 9, now: NOW.getTime() },
  ]);
});
