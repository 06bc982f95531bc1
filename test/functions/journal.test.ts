import * as v from 'valibot';
import { expect, test } from 'vitest';
import { aBatch, aFindingEvent } from '../events/builders.ts';
import { sample } from '../events/samples.ts';
import { ACCOUNT } from '../support/builders.ts';
import { journalSchema } from '../support/documents.ts';
import { aWorld } from '../support/logseal.ts';
import { aFunction, type FunctionOptions, withoutWaiting } from './support.ts';

/** What the remediate function writes to JournalTable. */

const enforcing = (options: FunctionOptions = {}) =>
  aFunction('RemediateFunction', { ...options, parameters: { Mode: 'Enforce' } });

test('the table gets an INTENT and a DONE entry for each change, with the actor and both keys', async () => {
  const remediate = await enforcing();

  await remediate.invoke(sample('findings'));

  const sealed = remediate.events().filter(({ outcome }) => outcome === 'SEALED');
  const { runId } = sealed[0];
  const items = await remediate.journal(runId);
  const entries = v.parse(
    v.array(journalSchema),
    items.map(({ entry }) => entry),
  );
  expect(items.map(({ storeArn }) => storeArn)).toEqual(entries.map(({ store }) => store.arn));
  expect(items.map(({ entryId }) => entryId)).toEqual(items.map(({ entryId }) => entryId).toSorted());
  expect(sealed).toHaveLength(4);
  expect(entries).toHaveLength(8);
  for (const { store, fromKeyArn: from, toKeyArn: to } of sealed) {
    const own = entries.filter((entry) => entry.store.arn === store.arn);
    expect(own.map(({ phase }) => phase)).toEqual(['INTENT', 'DONE']);
    expect(own).toMatchObject([1, 2].map(() => ({ runId, change: 'KEY', from, to, error: null })));
    expect(own[0]?.actor).toContain(`arn:aws:sts::${ACCOUNT}:assumed-role/`);
  }
});

test('a change that cannot be recorded is not made, and its event returns to the queue', async () => {
  const remediate = await enforcing({ world: aWorld({ groups: { '/app/a': null, '/app/healthy': 'logseal' } }) });
  withoutWaiting();

  remediate.sandbox.setFaults([{ call: 'dynamodb:PutItem', kind: 'deny' }]);
  await expect(remediate.invoke(aBatch(aFindingEvent('/app/a')))).resolves.toEqual({
    batchItemFailures: [{ itemIdentifier: 'm0' }],
  });
  expect(await remediate.keyOf('/app/a')).toBe(null);

  remediate.sandbox.setFaults([]);
  expect(await remediate.invoke(aBatch(aFindingEvent('/app/a')))).toEqual({
    batchItemFailures: [],
  });
  expect(await remediate.keyOf('/app/a')).toBe(await remediate.keyOf('/app/healthy'));
});
