import { DisassociateKmsKeyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { aBatch, aFindingEvent, aLogGroupChange, CALLERS } from '../events/builders.ts';
import { clients } from '../sandbox/support.ts';
import { aWorld } from '../support/logseal.ts';
import { aStack } from './stack.ts';
import { aFunction } from './support.ts';

const world = aWorld({ groups: { '/app/owned': null, '/app/free': null } });
const logGroupName = '/app/owned';
const removal = aLogGroupChange({ logGroupName }, { eventName: 'DisassociateKmsKey' });

/** As Terraform does at each apply. */
async function removeKey(sandbox: Sandbox): Promise<void> {
  await clients(sandbox).logs.send(new DisassociateKmsKeyCommand({ logGroupName }));
}

describe('the deployed stack', () => {
  test('stops when a key was removed twice, and goes on with other log groups', async () => {
    const fight = await aStack({ world, mode: 'Enforce' });

    await fight.schedule();
    for (let round = 0; round < 2; round++) {
      await removeKey(fight.sandbox);
      await fight.deliver(removal);
    }
    await fight.schedule();

    const owned = fight.outcomes().filter(({ store }) => store.name === logGroupName);
    expect(owned.map(({ outcome, refusal }) => refusal?.code ?? outcome)).toEqual([
      'SEALED',
      'SEALED',
      'FLAPPING',
      'FLAPPING',
    ]);
    expect(owned[2].refusal.message).toContain(CALLERS.role.arn);
    expect(owned[3].refusal.message).not.toContain(CALLERS.role.arn);
    expect(await fight.keys()).toMatchObject({ [logGroupName]: null, '/app/free': expect.any(String) });
    expect(fight.changes()).toBe(3);
    fight.noDeadLetters();
  });
});

describe('the remediate function', () => {
  afterEach(() => void vi.useRealTimers());

  /** Somebody removes the key after each seal. @param waits in hours, before each time that the log group is checked */
  async function seenIn(waits: readonly number[]) {
    const remediate = await aFunction('RemediateFunction', { world, parameters: { Mode: 'Enforce' } });
    const seen: string[] = [];
    vi.useFakeTimers({ toFake: ['Date'] });
    for (const hours of waits) {
      vi.setSystemTime(Date.now() + hours * 3_600_000);
      await remediate.invoke(aBatch(aFindingEvent(logGroupName)));
      const { outcome, refusal } = remediate.events().at(-1);
      seen.push(refusal?.code ?? outcome);
      if (seen.at(-1) === 'SEALED') await removeKey(remediate.sandbox);
    }
    return { seen, calls: remediate.sandbox.calls() };
  }

  test('tries again 26 hours after the first loss was found', async () => {
    const { seen, calls } = await seenIn([0, 1, 1, 24, 2]);

    expect(seen).toEqual(['SEALED', 'SEALED', 'FLAPPING', 'FLAPPING', 'SEALED']);
    expect(calls).toMatchObject({ 'dynamodb:Query': 5, 'logs:AssociateKmsKey': 3 });
  });

  test('stops at the second loss that a daily scan finds, and tries again the day after', async () => {
    const { seen, calls } = await seenIn([0, 24, 24.5, 23.5, 24, 24]);

    expect(seen).toEqual(['SEALED', 'SEALED', 'FLAPPING', 'SEALED', 'SEALED', 'FLAPPING']);
    expect(calls).toMatchObject({ 'logs:AssociateKmsKey': 4 });
  });
});
