import { describe, expect, it } from 'vitest';
import { readAfterRun } from '../../../lib/app/change/read-after-run.ts';
import { failed, type Outcome } from '../../../lib/domain/plan-step.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../../lib/domain/stores/query-results.ts';
import { aChange, KEY, OLD } from '../../support/apply-steps.ts';
import { aKeyArn, TARGET } from '../../support/builders.ts';
import { aCloudError, type FakeWorld, fakeCloud, manyGroups } from '../../support/fake-cloud.ts';

const THEIRS = aKeyArn('theirs');
const sealed = (step: Parameters<typeof aChange>[0] = {}): Outcome => ({
  ...aChange({ fromKeyArn: OLD, ...step }),
  outcome: 'SEALED',
  error: null,
});

async function readAgain(outcomes: readonly Outcome[], world: FakeWorld, signal?: AbortSignal) {
  const { cloud, log } = fakeCloud(world);
  return { read: await readAfterRun(outcomes, cloud.logStores, signal), log };
}

describe('a log store that a run changed', () => {
  it.each([
    ['the key that it was given', KEY],
    ['the key that it had before, which AWS may show for a moment', OLD],
  ])('is not mentioned if it has %s', async (_, keyArn) => {
    const outcomes = [sealed()];

    expect((await readAgain(outcomes, { groups: { '/app/a': keyArn } })).read).toEqual(outcomes);
  });

  it.each([
    ['another key', THEIRS],
    ['none', null],
  ])('is CHANGED if it has %s', async (_, keyArn) => {
    const { read } = await readAgain([sealed()], { groups: { '/app/a': keyArn } });

    expect(read).toEqual([{ ...sealed(), afterRun: { status: 'CHANGED', keyArn } }]);
  });

  it('and that is gone is not mentioned', async () => {
    expect((await readAgain([sealed()], {})).read).toEqual([sealed()]);
  });

  it('is NOT_READ if it cannot be read, with the reason', async () => {
    const failures = { 'logs:DescribeLogGroups': aCloudError('THROTTLED', 'Rate exceeded') };

    const { read } = await readAgain([sealed()], { groups: { '/app/a': THEIRS }, failures });

    expect(read[0]?.afterRun).toEqual({ status: 'NOT_READ', message: 'Rate exceeded' });
  });

  it('is NOT_READ, and costs no call, if the run was interrupted', async () => {
    const { read, log } = await readAgain([sealed()], { groups: { '/app/a': THEIRS } }, AbortSignal.abort());

    expect(read[0]?.afterRun).toEqual({ status: 'NOT_READ', message: 'the run was interrupted' });
    expect(log).toEqual([]);
  });

  it('is read with 49 others', async () => {
    const names = Object.keys(manyGroups(120));

    const { log } = await readAgain(
      names.map((name) => sealed({ name })),
      { groups: manyGroups(120, KEY) },
    );

    expect(log.map((line) => line.split(' ').length - 1)).toEqual([50, 50, 20]);
  });
});

it.each<[string, Outcome]>([
  ['was not changed', failed(aChange(), aCloudError('THROTTLED'))],
  ['can be read only by a query', sealed({ store: logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME) })],
])('a log store that %s is not read', async (_, outcome) => {
  const { read, log } = await readAgain([outcome], { groups: { '/app/a': THEIRS }, queryResults: THEIRS });

  expect(read).toEqual([outcome]);
  expect(log).toEqual([]);
});

it('a defect of the program is thrown', async () => {
  const failures = { 'logs:DescribeLogGroups': new TypeError('a defect') };

  await expect(readAgain([sealed()], { groups: {}, failures })).rejects.toThrow('a defect');
});
