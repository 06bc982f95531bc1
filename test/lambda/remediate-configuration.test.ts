import { expect, test } from 'vitest';
import { prepare } from '../../lib/domain/configuration.ts';
import { aKey, aKeyArn } from '../support/builders.ts';
import { anExemption, exempting, keyRules } from '../support/configuration.ts';
import { reads, unreadable } from './configurations.ts';
import { aSetup, group, WORLD } from './remediate-setup.ts';

const PAYMENTS = aKeyArn('payments');

test('an exempt log group is refused EXEMPT, whatever sent it, and others are sealed', async () => {
  const setup = aSetup(WORLD, { configuration: reads(exempting('/app/a')) });

  expect(await setup.remediate(group('/app/a'), group('/app/b'))).toEqual([undefined, undefined]);

  expect(setup.outcomes()).toMatchObject([
    { outcome: 'REFUSED', refusal: { code: 'EXEMPT' } },
    { outcome: 'SEALED', refusal: null },
  ]);
  expect(setup.keyOf('/app/a')).toBeNull();
});

test('an exemption that has expired does not count', async () => {
  const past = anExemption({ expires: '2020-01-01' });
  const setup = aSetup(WORLD, { configuration: reads(prepare({ exemptions: [past], keys: [] })) });

  await setup.remediate(group('/app/a'));

  expect(setup.outcomes()).toMatchObject([{ outcome: 'SEALED' }]);
});

test.each(['Audit', 'Enforce'] as const)('nothing is sealed without the file: %s', async (mode) => {
  const setup = aSetup(WORLD, { configuration: unreadable('ACCESS_DENIED') }, mode);

  expect(await setup.remediate(group('/app/a'), group('/app/healthy'))).toEqual([undefined, undefined]);

  expect(setup.outcomes()).toMatchObject([
    { outcome: 'REFUSED', refusal: { code: 'CONFIG_UNREADABLE', message: expect.stringContaining('no file') } },
    { outcome: 'UNCHANGED', refusal: null },
  ]);
  expect(setup.keyOf('/app/a')).toBeNull();
});

test('while the file cannot be read for a time, the event is delivered again, and the last attempt fails', async () => {
  const setup = aSetup(WORLD, { configuration: unreadable('THROTTLED') });

  expect(await setup.attempt(1, [group('/app/a')])).toMatchObject([{ message: expect.stringContaining('no file') }]);
  expect(setup.outcomes()).toEqual([]);
  await setup.attempt(10, [group('/app/a')]);

  expect(setup.outcomes()).toMatchObject([{ outcome: 'FAILED', error: { code: 'THROTTLED' } }]);
  expect(setup.keyOf('/app/a')).toBeNull();
});

test('a key rule names the key', async () => {
  const keys = { ...WORLD.keys, 'alias/payments': aKey({ arn: PAYMENTS }) };
  const configuration = reads(keyRules([{ names: ['/app/a'] }, 'alias/payments']));
  const setup = aSetup({ ...WORLD, keys }, { configuration });

  await setup.remediate(group('/app/a'), group('/app/b'));

  expect(setup.outcomes()).toMatchObject([
    { outcome: 'SEALED', toKeyArn: PAYMENTS, keyRule: 0 },
    { outcome: 'SEALED', toKeyArn: aKeyArn() },
  ]);
});
