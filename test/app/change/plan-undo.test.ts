import { describe, expect, it } from 'vitest';
import { planUndo, type UndoOptions } from '../../../lib/app/change/undo.ts';
import type { KeyEntry } from '../../../lib/domain/journal.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { KEY, OLD } from '../../support/apply-steps.ts';
import { aKey, aKeyArn, aKeyEntry, NOW, OTHER_ACCOUNT } from '../../support/builders.ts';
import { aCloudError, type FakeWorld, fakeCloud } from '../../support/fake-cloud.ts';

const THEIRS = aKeyArn('theirs');
/** The key that the changes attached, and one that was attached before: both work. */
const KEYS = { [KEY]: aKey(), [OLD]: aKey({ arn: OLD }) };
const changesOf = (log: readonly string[]) => log.filter((line) => line.includes('ssociateKmsKey'));

describe('a plan to undo', () => {
  async function plan(changes: readonly KeyEntry[], world: FakeWorld, options?: UndoOptions) {
    const fake = fakeCloud({ keys: KEYS, ...world });
    const before = Object.fromEntries(fake.attached);
    const steps = (await planUndo(changes, fake.cloud, rulesAt(NOW), options)).map(({ step }) => step);
    expect(Object.fromEntries(fake.attached)).toEqual(before);
    expect(changesOf(fake.log)).toEqual([]);
    return { ...fake, steps };
  }

  it('tells what would be done to each store, and changes nothing', async () => {
    const groups = { '/none': KEY, '/old': KEY, '/back': null, '/theirs': THEIRS };
    const changes = [
      aKeyEntry({ name: '/none' }),
      aKeyEntry({ name: '/old', from: OLD }),
      aKeyEntry({ name: '/back' }),
      aKeyEntry({ name: '/theirs' }),
      aKeyEntry({ name: '/gone' }),
    ];

    const { steps } = await plan(changes, { groups });

    expect(steps.map(({ store, action, refusal }) => [store.name, action, refusal?.code])).toEqual([
      ['/none', 'UNSEAL', undefined],
      ['/old', 'SEAL', undefined],
      ['/back', 'NONE', undefined],
      ['/theirs', 'NONE', 'STORE_CHANGED'],
      ['/gone', 'NONE', 'STORE_GONE'],
    ]);
    expect(steps.slice(0, 2)).toMatchObject([
      { fromKeyArn: KEY, toKeyArn: null },
      { fromKeyArn: KEY, toKeyArn: OLD },
    ]);
  });

  it('of nothing costs no call', async () => {
    expect(await plan([], {})).toMatchObject({ steps: [], log: [] });
  });

  it.each<[string, FakeWorld]>([
    ['the stores', { failures: { 'logs:DescribeLogGroups': aCloudError('ACCESS_DENIED') } }],
    ['the stores this time', { failures: { 'logs:DescribeLogGroups': aCloudError('THROTTLED') } }],
    ['the key', { failures: { 'kms:DescribeKey': aCloudError('UNAVAILABLE') } }],
    ['its policy', { failures: { 'kms:GetKeyPolicy': aCloudError('NETWORK') } }],
  ])('throws no error of the cloud: it cannot read %s', async (_, world) => {
    const { steps } = await plan([aKeyEntry({ from: OLD }), aKeyEntry({ name: '/b' })], {
      groups: { '/app/a': KEY, '/b': KEY },
      ...world,
    });

    expect(steps.map(({ store }) => store.name)).toEqual(['/app/a', '/b']);
  });

  it('tells what the journal has if the store cannot be read', async () => {
    const failures = { 'logs:DescribeLogGroups': aCloudError('THROTTLED') };

    const { steps } = await plan([aKeyEntry({ from: OLD }), aKeyEntry({ name: '/b' })], { failures });

    expect(steps).toMatchObject([
      { action: 'SEAL', toKeyArn: OLD, refusal: null },
      { action: 'UNSEAL', toKeyArn: null, refusal: null },
    ]);
  });

  it.each(['kms:DescribeKey', 'kms:GetKeyPolicy'])('keeps a change open if %s did not work this time', async (call) => {
    const { steps } = await plan([aKeyEntry({ from: OLD })], {
      groups: { '/app/a': KEY },
      failures: { [call]: aCloudError('THROTTLED') },
    });

    expect(steps).toMatchObject([{ action: 'SEAL', fromKeyArn: KEY, toKeyArn: OLD, refusal: null }]);
  });

  it('refuses a change if the earlier key may not be described', async () => {
    const { steps } = await plan([aKeyEntry({ from: OLD })], {
      groups: { '/app/a': KEY },
      failures: { 'kms:DescribeKey': aCloudError('ACCESS_DENIED') },
    });

    expect(steps).toMatchObject([{ action: 'NONE', fromKeyArn: KEY, refusal: { code: 'KEY_UNREADABLE' } }]);
  });

  it('throws a defect of the program', async () => {
    const failures = { 'logs:DescribeLogGroups': new TypeError('a defect') };

    await expect(plan([aKeyEntry()], { failures })).rejects.toThrow('a defect');
  });

  it('refuses the key of a foreign account without a call for it, and one of another Region', async () => {
    const foreign = aKeyArn('foreign', { account: OTHER_ACCOUNT });
    const away = aKeyArn('away', { region: 'us-east-1' });
    const changes = [aKeyEntry({ name: '/a', from: foreign }), aKeyEntry({ name: '/b', from: away })];

    const { steps, log } = await plan(changes, { groups: { '/a': KEY, '/b': KEY } });

    expect(steps).toMatchObject([
      { action: 'NONE', fromKeyArn: KEY, refusal: { code: 'JOURNAL_NOT_TRUSTED' } },
      { action: 'NONE', fromKeyArn: KEY, refusal: { code: 'KEY_WRONG_REGION' } },
    ]);
    expect(log).toEqual(['logs:DescribeLogGroups /a /b']);
  });

  it('names the later runs that changed a store that is still, or again, under the key of the run', async () => {
    const later = [
      aKeyEntry({ runId: 'run-2', from: KEY, to: null }),
      aKeyEntry({ runId: 'run-3', from: null, to: KEY }),
      aKeyEntry({ runId: 'run-4', from: KEY, to: OLD, phase: 'INTENT' }),
    ];

    const { steps } = await plan([aKeyEntry()], { groups: { '/app/a': KEY } }, { later: () => later });

    expect(steps).toMatchObject([{ action: 'UNSEAL', laterRuns: ['run-2', 'run-3'] }]);
    const alone = await plan([aKeyEntry()], { groups: { '/app/a': KEY } });
    expect(alone.steps[0]).not.toHaveProperty('laterRuns');
  });

  it('names the later run that attached another key, which must be taken back first', async () => {
    const later = [aKeyEntry({ runId: 'run-2', from: KEY, to: OLD })];

    const { steps } = await plan([aKeyEntry()], { groups: { '/app/a': OLD } }, { later: () => later });

    expect(steps).toMatchObject([
      {
        action: 'NONE',
        refusal: {
          code: 'STORE_CHANGED',
          fix: 'run run-2 of logseal has changed it since: take that back first',
        },
      },
    ]);
  });
});
