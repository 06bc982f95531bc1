import { describe, expect, it } from 'vitest';
import { remediateStores } from '../../../lib/app/change/remediate-stores.ts';
import { planUndo, undoChanges } from '../../../lib/app/change/undo.ts';
import { changesIn } from '../../../lib/domain/journal.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { KEY, KEYS } from '../../support/apply-steps.ts';
import { aLogGroup, NOW } from '../../support/builders.ts';
import { CALLER, fakeCloud, fakeJournal } from '../../support/fake-cloud.ts';

const OPERATOR = 'arn:aws:iam::111122223333:user/operator';

/** A log group that the function seals, and whose seal an operator takes back, by the same journal. */
function anUndoneSeal() {
  const fake = fakeCloud({ keys: KEYS, groups: { '/a': null } });
  const { journal, entries } = fakeJournal();
  let hours = 0;
  const clock = () => new Date(NOW.getTime() + hours * 3_600_000);
  const by = (actor: string) => ({
    ...{ runId: `run-${hours}`, actor, journal, clock, rules: rulesAt(clock(), { key: KEY }), onOutcome: () => {} },
  });
  return {
    ...fake,
    async remediate() {
      hours++;
      const options = { ...by(CALLER.arn), mode: 'Enforce', onAgain: () => {} } as const;
      return remediateStores([aLogGroup('/a')], fake.cloud, options);
    },
    async undo() {
      hours++;
      const [last] = changesIn(entries).toReversed();
      const changes = last?.change === 'KEY' ? [last] : [];
      await undoChanges(await planUndo(changes, fake.cloud, rulesAt(clock())), fake.cloud, by(OPERATOR));
    },
  };
}

describe("the function, after an operator's undo", () => {
  it('seals the log group once more, and after the second undo leaves it alone and names the operator', async () => {
    const { remediate, undo, attached } = anUndoneSeal();

    const outcomes = [];
    for (let round = 0; round < 3; round++) {
      outcomes.push(...(await remediate()));
      if (round < 2) await undo();
    }

    expect(outcomes.map(({ outcome, refusal }) => refusal?.code ?? outcome)).toEqual(['SEALED', 'SEALED', 'FLAPPING']);
    expect(outcomes[2]?.refusal?.message.match(/undone \S+ by arn:aws:iam::111122223333:user\/operator/g)).toHaveLength(
      2,
    );
    expect(attached.get('/a')).toBeNull();
  });
});
