import { describe, expect, test } from 'vitest';
import type { CloudOf } from '../../lib/app/ports.ts';
import { CloudError } from '../../lib/errors.ts';
import { OTHER_ACCOUNT } from '../support/builders.ts';
import { aCloudError, manyGroups } from '../support/fake-cloud.ts';
import { aSetup, group, minutesLater, OTHER_REGION, WORLD } from './remediate-setup.ts';
import { ONLY_IDENTITY } from './support.ts';

/** What AWS refuses until somebody changes something is reported once and not tried again. */

const TARGET = { account: OTHER_ACCOUNT };

/** A member account that cannot be entered. */
function aMember(failure: CloudError, more: Parameters<typeof aSetup>[1] = {}) {
  const plain = aSetup();
  const cloudOf: CloudOf = (target) => {
    const cloud = plain.clouds.cloudOf(target);
    return target.account === OTHER_ACCOUNT ? { ...cloud, owner: () => Promise.reject(failure) } : cloud;
  };
  return aSetup(undefined, { isMember: async () => true, cloudOf, ...more });
}

describe('an account that cannot be entered', () => {
  test.each(['ROLE_REFUSED', 'ACCESS_DENIED', 'CREDENTIALS'] as const)(
    'has one outcome for each log group (%s), which is counted, and stops no other account',
    async (code) => {
      const setup = aMember(aCloudError(code));

      const errors = await setup.remediate(group('/a', TARGET), group('/b', TARGET), group('/a', TARGET));

      expect(errors).toEqual([undefined, undefined, undefined]);
      const outcome = {
        outcome: 'FAILED',
        action: 'NONE',
        refusal: null,
        error: { code, message: expect.any(String) },
      };
      expect(setup.outcomes()).toMatchObject([
        { ...outcome, store: { ...TARGET, name: '/a' } },
        { ...outcome, store: { ...TARGET, name: '/b' } },
      ]);
      expect(setup.reported).toHaveLength(2);
      expect(setup.refusals).toEqual([`${code} eu-west-1`]);
    },
  );

  test('for a while only is tried again, and nothing is said', async () => {
    const setup = aMember(aCloudError('UNAVAILABLE'));

    expect(await setup.remediate(group('/a', TARGET))).toEqual([expect.any(Error)]);

    expect([setup.outcomes(), setup.refusals]).toEqual([[], []]);
  });

  test('whose outcome the bus does not accept is tried again', async () => {
    const setup = aMember(aCloudError('ROLE_REFUSED'), { bus: { send: () => Promise.reject(aCloudError('NETWORK')) } });

    expect(await setup.remediate(group('/a', TARGET))).toEqual([expect.any(Error)]);
  });
});

test('a Region that the account has not enabled is named as such', async () => {
  const region = 'af-south-1';
  const failures = { 'logs:DescribeLogGroups': aCloudError('CREDENTIALS', 'The security token is invalid') };
  const plain = aSetup({ ...WORLD, failures });
  const cloudOf: CloudOf = (target) => ({
    ...plain.clouds.cloudOf({ ...target, region: 'eu-west-1' }),
    regions: async () => [{ name: region, isEnabled: false }],
  });
  const setup = aSetup(undefined, { cloudOf, config: { ...plain.work.config, regions: [region] } });

  expect(await setup.remediate(group('/a', { region }))).toEqual([undefined]);

  expect(setup.outcomes()).toMatchObject([
    { store: { region }, outcome: 'FAILED', error: { code: 'REGION_DISABLED' } },
  ]);
});

describe('log groups that may not be read', () => {
  const failures = { 'logs:DescribeLogGroups': aCloudError('ACCESS_DENIED') };

  test('are FAILED, and those of another Region are evaluated', async () => {
    const setup = aSetup({ ...WORLD, failures });

    const errors = await setup.remediate(group('/app/a'), group('/there', { region: OTHER_REGION }));

    expect(errors).toEqual([undefined, undefined]);
    expect(setup.outcomes().map(({ store, outcome }) => `${store.name} ${outcome}`)).toEqual([
      '/app/a FAILED',
      '/there REFUSED',
    ]);
  });

  test.each(['Audit', 'Enforce'] as const)('are FAILED at a later attempt, too, in %s', async (mode) => {
    const setup = aSetup({ ...WORLD, failures }, {}, mode);

    expect(await setup.again([group()])).toEqual([undefined]);

    expect(setup.outcomes()).toMatchObject([{ outcome: 'FAILED' }]);
  });

  test('are tried again where an earlier attempt may have sealed them, and the seal is reported then', async () => {
    const setup = aSetup(undefined, { bus: { send: () => Promise.reject(aCloudError('NETWORK')) } });
    expect(await setup.remediate(group())).toEqual([expect.any(Error)]);
    const { failures: broken } = setup.clouds.at('eu-west-1');

    broken.set('logs:DescribeLogGroups', aCloudError('ACCESS_DENIED'));
    const next = { bus: setup.bus.bus, clock: () => minutesLater(30) };
    expect(await setup.again([group(), group('/app/b')], next)).toEqual([
      expect.objectContaining({ code: 'ACCESS_DENIED' }),
      undefined,
    ]);
    expect(setup.outcomes()).toMatchObject([{ store: { name: '/app/b' }, outcome: 'FAILED' }]);
    broken.clear();
    expect(await setup.again([group()], next)).toEqual([undefined]);

    expect(setup.outcomes()).toMatchObject([
      { store: { name: '/app/a' }, outcome: 'SEALED', runId: 'this-run' },
      { store: { name: '/app/b' } },
    ]);
  });

  test('are tried again where the journal cannot be read', async () => {
    const setup = aSetup({ ...WORLD, failures });
    const journal = { ...setup.journal.journal, ofStore: () => Promise.reject(aCloudError('UNAVAILABLE')) };

    expect(await setup.again([group()], { journal })).toEqual([expect.any(Error)]);
    expect(setup.outcomes()).toEqual([]);
  });
});

describe('an organization that cannot be read', () => {
  const failure = new CloudError('ORGANIZATION_UNREADABLE', 'organizations:DescribeAccount', 'not here');
  const events = Object.keys(manyGroups(60)).map((name) => group(name, TARGET));
  const unreadable = () => aSetup(undefined, { isMember: () => Promise.reject(failure) });

  test('is reported once for a batch, nothing is called, and events of the own account are handled', async () => {
    const setup = unreadable();

    const errors = await setup.remediate(...events, group());

    expect(errors.filter(Boolean)).toEqual([]);
    expect(setup.refusals).toEqual(['ORGANIZATION_UNREADABLE of all']);
    expect(setup.outcomes()).toMatchObject([{ store: { name: '/app/a' }, outcome: 'SEALED' }]);
  });

  test('is asked again for an event of which an earlier attempt may have sealed something', async () => {
    const setup = unreadable();

    expect(await setup.again([group('/a', TARGET)])).toEqual([failure]);
    expect(setup.refusals).toEqual([]);
  });

  test('for a while only is asked again', async () => {
    const setup = aSetup(undefined, { isMember: () => Promise.reject(aCloudError('THROTTLED')) });

    expect(await setup.remediate(group('/a', TARGET))).toEqual([expect.any(Error)]);
    expect(setup.clouds.calls()).toEqual(ONLY_IDENTITY);
  });
});

test('credentials of the function itself that are refused are tried again', async () => {
  const setup = aSetup({ ...WORLD, failures: { 'sts:GetCallerIdentity': aCloudError('CREDENTIALS') } });

  expect(await setup.remediate(group())).toEqual([expect.any(Error)]);
  expect(setup.refusals).toEqual([]);
});
