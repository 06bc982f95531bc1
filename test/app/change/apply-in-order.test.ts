import { describe, expect, it } from 'vitest';
import { applySteps } from '../../../lib/app/change/apply-plan.ts';
import type { Journal } from '../../../lib/app/ports.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { applied, KEY, KEYS, stepsFor } from '../../support/apply-steps.ts';
import { aReason, aStep, NOW } from '../../support/builders.ts';
import { CALLER, fakeCloud, manyGroups } from '../../support/fake-cloud.ts';

describe('the journal', () => {
  it('has the INTENT of each change before the change, and its DONE entry after', async () => {
    const groups = manyGroups(20);
    const events: string[] = [];
    const journal: Journal = { append: async ({ store, phase }) => void events.push(`${store?.name} ${phase}`) };
    const fake = fakeCloud({ keys: KEYS, groups });
    const { logStores } = fake.cloud;
    const cloud = {
      ...fake.cloud,
      logStores: {
        ...logStores,
        seal: async (...[store, keyArn]: Parameters<typeof logStores.seal>) => {
          events.push(`${store.name} sealed`);
          await logStores.seal(store, keyArn);
        },
      },
    };

    await applySteps(stepsFor(groups), cloud, {
      runId: 'run-1',
      actor: CALLER.arn,
      journal,
      clock: () => NOW,
      rules: rulesAt(NOW, { key: KEY }),
      onOutcome: () => {},
    });

    for (const name of Object.keys(groups)) {
      expect(events.filter((event) => event.startsWith(`${name} `))).toEqual([
        `${name} INTENT`,
        `${name} sealed`,
        `${name} DONE`,
      ]);
    }
  });

  it('stops everything before anything is sealed if it cannot be written', async () => {
    const groups = manyGroups(60);
    const fake = fakeCloud({ keys: KEYS, groups });
    const options = {
      runId: 'run-1',
      actor: CALLER.arn,
      journal: { append: () => Promise.reject(new Error('disk full')) },
      clock: () => NOW,
      rules: rulesAt(NOW, { key: KEY }),
      onOutcome: () => {},
    };

    await expect(applySteps(stepsFor(groups), fake.cloud, options)).rejects.toThrow('disk full');
    expect([...fake.attached.values()].filter(Boolean)).toEqual([]);
  });
});

describe('an interruption', () => {
  it('completes the changes under way, and skips the rest', async () => {
    const groups = manyGroups(120);
    const interruption = new AbortController();
    let done = 0;

    const { outcomes, attached, phases, log } = await applied(
      stepsFor(groups),
      { groups },
      {
        signal: interruption.signal,
        onOutcome: () => {
          if (++done === 10) interruption.abort();
        },
      },
    );

    const sealed = outcomes.filter(({ outcome }) => outcome === 'SEALED').map(({ store }) => store.name);
    expect(outcomes).toHaveLength(120);
    expect(sealed.length).toBeGreaterThanOrEqual(10);
    expect(sealed.length).toBeLessThanOrEqual(13);
    expect([...attached].filter(([, keyArn]) => keyArn === KEY).map(([name]) => name)).toEqual(sealed);
    expect(phases).toHaveLength(2 * sealed.length);
    const skipped = outcomes.filter(({ outcome }) => outcome === 'SKIPPED');
    expect(skipped).toHaveLength(120 - sealed.length);
    expect(skipped.at(-1)).toEqual({ ...stepsFor(groups).at(-1), outcome: 'SKIPPED', error: null });
    expect(log.filter((line) => line.startsWith('logs:DescribeLogGroups'))).toHaveLength(1);
  });

  it('before the start costs no call, and what was refused is still refused', async () => {
    const interruption = new AbortController();
    interruption.abort();
    const steps = [aStep({ name: '/a' }), aStep({ name: '/b', action: 'NONE', refusal: aReason() })];

    const { short, log } = await applied(steps, { groups: { '/a': null } }, { signal: interruption.signal });

    expect(short).toEqual(['/a SKIPPED', '/b REFUSED KEY_DISABLED']);
    expect(log).toEqual([]);
  });
});
