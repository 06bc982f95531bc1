import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planTarget } from '../../lib/app/change/plan-target.ts';
import { remediateStores } from '../../lib/app/change/remediate-stores.ts';
import { scanTarget } from '../../lib/app/scan/scan-target.ts';
import { prepare } from '../../lib/domain/configuration.ts';
import type { Finding } from '../../lib/domain/finding.ts';
import { globMatches } from '../../lib/domain/glob.ts';
import type { Outcome, Step } from '../../lib/domain/plan-step.ts';
import { type Rules, rulesAt } from '../../lib/domain/rules.ts';
import { applied, KEY, KEYS, OLD, stepsFor } from '../support/apply-steps.ts';
import { aKey, aKeyArn, aLogGroup, aTarget, NOW } from '../support/builders.ts';
import { anExemption, exempting, keyRules } from '../support/configuration.ts';
import { aCloudError, CALLER, type FakeWorld, fakeCloud, fakeJournal, manyGroups } from '../support/fake-cloud.ts';

const PAYMENTS = aKeyArn('payments');
const ALL_KEYS = { ...KEYS, 'alias/payments': aKey({ arn: PAYMENTS }) };
const TAGGED = { names: ['/vendor/*'], tags: { team: 'data-*' } };

async function scanned(world: FakeWorld, rules: Rules) {
  const fake = fakeCloud({ keys: ALL_KEYS, ...world });
  const findings: Finding[] = [];
  const scan = await scanTarget(aTarget(), fake.cloud, {
    rules,
    onStores: (stores) => void findings.push(...stores.map(({ finding }) => finding)),
  });
  return { ...fake, ...scan, findings, short: findings.map(({ name, status }) => `${name} ${status}`) };
}

async function planned(world: FakeWorld, rules: Rules) {
  const fake = fakeCloud({ keys: ALL_KEYS, ...world });
  const steps: Step[] = [];
  const plan = await planTarget(aTarget(), fake.cloud, { rules, onSteps: (some) => void steps.push(...some) });
  return {
    ...fake,
    ...plan,
    steps,
    short: steps.map(({ store, refusal, action }) => `${store.name} ${refusal?.code ?? action}`),
  };
}

async function remediated(names: readonly string[], world: FakeWorld, rules: Rules) {
  const fake = fakeCloud({ keys: ALL_KEYS, ...world });
  const outcomes: Outcome[] = await remediateStores(
    names.map((name) => aLogGroup(name)),
    fake.cloud,
    {
      ...{
        mode: 'Enforce',
        rules,
        runId: 'run-1',
        actor: CALLER.arn,
        journal: fakeJournal().journal,
        clock: () => NOW,
      },
      onOutcome() {},
      onAgain() {},
    },
  );
  return { ...fake, short: outcomes.map(({ store, outcome, refusal }) => `${store.name} ${refusal?.code ?? outcome}`) };
}

describe('tags', () => {
  const rules = rulesAt(NOW, {
    key: KEY,
    configuration: prepare({ exemptions: [anExemption({ match: TAGGED })], keys: [] }),
  });
  const tags = { '/vendor/a': { team: 'data-eu' }, '/vendor/b': { team: 'web' }, '/app': { team: 'data-eu' } };
  const groups = { '/vendor/a': null, '/vendor/b': null, '/app': null };

  it('are read in bulk for a scan, once, and of the log stores alone before a change', async () => {
    const scan = await scanned({ groups: { ...groups, ...manyGroups(120) }, tags }, rules);
    const change = await remediated(Object.keys(groups), { groups, tags }, rules);

    expect(scan.short.slice(0, 3)).toEqual(['/vendor/a EXEMPT', '/vendor/b NON_COMPLIANT', '/app NON_COMPLIANT']);
    expect(scan.log.filter((line) => line.startsWith('tag:'))).toEqual(['tag:GetResources all team']);
    expect(change.short).toEqual(['/vendor/a EXEMPT', '/vendor/b SEALED', '/app SEALED']);
    // No entry with tags may match /app.
    expect(change.log.filter((line) => line.startsWith('tag:'))).toEqual(['tag:GetResources /vendor/a /vendor/b']);
  });

  it('are not read where no entry asks for them', async () => {
    const { log } = await scanned({ groups, tags }, rulesAt(NOW, { configuration: exempting('/vendor/*') }));

    expect(log.filter((line) => line.startsWith('tag:'))).toEqual([]);
  });

  it.each([
    ['that may not be read', { tags, failures: { 'tag:GetResources': aCloudError('ACCESS_DENIED') } }],
    ['that the provider does not have', {}],
  ])('%s exempt nothing in a scan, and forbid the change of what they might exempt', async (_, world) => {
    const scan = await scanned({ groups, ...world }, rules);
    const plan = await planned({ groups, ...world }, rules);
    const change = await remediated(Object.keys(groups), { groups, ...world }, rules);

    expect(scan.short).toEqual(['/vendor/a NON_COMPLIANT', '/vendor/b NON_COMPLIANT', '/app NON_COMPLIANT']);
    expect(scan.report.status).toBe('COMPLETE');
    expect(plan.short).toEqual(['/vendor/a CONFIG_UNREADABLE', '/vendor/b CONFIG_UNREADABLE', '/app SEAL']);
    expect(change.short).toEqual(['/vendor/a CONFIG_UNREADABLE', '/vendor/b CONFIG_UNREADABLE', '/app SEALED']);
  });

  it('that cannot be read the first time are read again with the next page', async () => {
    const failures: Record<string, Error> = { 'tag:GetResources': aCloudError('THROTTLED') };
    const vendors = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`/vendor/${index}`, null]));
    const all = Object.fromEntries(Object.keys(vendors).map((name) => [name, { team: 'data-eu' }]));
    const fake = fakeCloud({ keys: ALL_KEYS, groups: vendors, tags: all, failures });
    const statuses: string[][] = [];

    const { matches, unreadTags } = await scanTarget(aTarget(), fake.cloud, {
      rules,
      onStores(stores) {
        statuses.push(stores.map(({ finding }) => finding.status));
        fake.failures.delete('tag:GetResources');
      },
    });

    expect(statuses.map((page) => [...new Set(page)])).toEqual([['NON_COMPLIANT'], ['EXEMPT']]);
    // How many match is not known, since those of the first page are not.
    expect([matches.size, unreadTags?.code]).toEqual([0, 'THROTTLED']);
  });

  it('that cannot be read this time leave the change for another try', async () => {
    const failures = { 'tag:GetResources': aCloudError('THROTTLED') };

    const { short } = await remediated(['/vendor/a', '/app'], { groups, tags, failures }, rules);

    expect(short).toEqual(['/vendor/a FAILED', '/app SEALED']);
  });
});

describe('a configuration that could not be read', () => {
  const failure = { code: 'ACCESS_DENIED', call: 'ssm:GetParameter', message: 'not you', isTransient: false };
  const rules = rulesAt(NOW, { key: KEY, unreadConfiguration: failure });
  const groups = { '/a': null, '/sealed': KEY, 'aws/x': null };

  it('leaves a scan as it is, and forbids every change', async () => {
    expect((await scanned({ groups }, rules)).short).toEqual(['/a NON_COMPLIANT', '/sealed COMPLIANT', 'aws/x EXEMPT']);
    expect((await planned({ groups }, rules)).short).toEqual(['/a CONFIG_UNREADABLE']);
    const change = await remediated(Object.keys(groups), { groups }, rules);
    expect(change.short).toEqual(['/a CONFIG_UNREADABLE', '/sealed UNCHANGED', 'aws/x EXEMPT']);
    const { short, log } = await applied(stepsFor({ '/a': null }), { groups }, { rules });
    expect(short).toEqual(['/a REFUSED CONFIG_UNREADABLE']);
    expect(log.filter((line) => line.startsWith('logs:AssociateKmsKey'))).toEqual([]);
  });

  it('says which call failed, and what to do', async () => {
    const { steps } = await planned({ groups }, rules);

    expect(steps[0]?.refusal).toMatchObject({
      severity: 'HIGH',
      message: expect.stringContaining('ssm:GetParameter: not you'),
      fix: expect.stringContaining('ssm:GetParameter'),
    });
  });
});

describe('key rules', () => {
  const configuration = keyRules([{ names: ['/pay/*'] }, 'alias/payments'], [{ names: ['/old'] }, OLD]);
  const groups = { '/pay/a': null, '/pay/b': OLD, '/app': null, '/old': null, '/pay/fine': KEY };

  it('name the key of each log store that they match, and each key is inspected once', async () => {
    const { steps, keys, log } = await planned({ groups }, rulesAt(NOW, { key: KEY, configuration }));

    expect(
      steps.map(({ store, toKeyArn, keyRule, refusal }) => [store.name, toKeyArn, keyRule, refusal?.code]),
    ).toEqual([
      ['/pay/a', PAYMENTS, 0, undefined],
      ['/pay/b', PAYMENTS, 0, undefined],
      ['/app', KEY, undefined, undefined],
      ['/old', OLD, 1, 'KEY_DISABLED'],
    ]);
    expect(keys.map(({ configured, keyArn }) => [configured, keyArn])).toEqual([
      [KEY, KEY],
      ['alias/payments', PAYMENTS],
      [OLD, OLD],
    ]);
    expect(log.filter((line) => line.startsWith('kms:DescribeKey')).sort()).toEqual(
      [`kms:DescribeKey ${OLD}`, `kms:DescribeKey ${KEY}`, 'kms:DescribeKey alias/payments'].sort(),
    );
  });

  it('seal with that key, and the outcome says which rule chose it', async () => {
    const { short, attached } = await remediated(
      ['/pay/a', '/app'],
      { groups },
      rulesAt(NOW, { key: KEY, configuration }),
    );

    expect(short).toEqual(['/pay/a SEALED', '/app SEALED']);
    expect([attached.get('/pay/a'), attached.get('/app')]).toEqual([PAYMENTS, KEY]);
  });

  it('without another key refuse what they do not match', async () => {
    const { short } = await planned({ groups }, rulesAt(NOW, { configuration }));

    expect(short).toEqual(['/pay/a SEAL', '/pay/b SEAL', '/app KEY_NOT_CONFIGURED', '/old KEY_DISABLED']);
  });

  it('under --require-key flag a healthy key other than the one that the rule names', async () => {
    const { findings } = await scanned({ groups }, rulesAt(NOW, { key: KEY, requiresKey: true, configuration }));

    const fine = findings.find(({ name }) => name === '/pay/fine');
    expect(fine?.reasons.map(({ code, message }) => [code, message.includes(PAYMENTS)])).toEqual([
      ['KEY_NOT_CONFIGURED', true],
    ]);
  });

  it('under --require-key leave it unknown which key is required while tags cannot be read', async () => {
    const tagged = keyRules([{ tags: { team: 'pay' } }, 'alias/payments']);
    const failures = { 'tag:GetResources': aCloudError('ACCESS_DENIED', 'not you') };
    const world = { groups: { '/sealed': KEY }, tags: { '/sealed': { team: 'pay' } } };
    const rules = rulesAt(NOW, { key: KEY, requiresKey: true, configuration: tagged });

    const [known] = (await scanned(world, rules)).findings;
    const [unknown] = (await scanned({ ...world, failures }, rules)).findings;

    expect(known).toMatchObject({ status: 'NON_COMPLIANT', reasons: [{ code: 'KEY_NOT_CONFIGURED' }] });
    expect(unknown).toMatchObject({ status: 'UNKNOWN', reasons: [{ code: 'KEY_UNREADABLE' }] });
    expect(unknown?.reasons[0]?.message).toContain('a:Call: not you');
  });

  it('are evaluated again before a change: a plan that was made with other keys is refused', async () => {
    const rules = rulesAt(NOW, { key: KEY, configuration });

    const { short } = await applied(
      stepsFor({ '/pay/a': null }),
      { groups: { '/pay/a': null }, keys: ALL_KEYS },
      { rules },
    );

    expect(short).toEqual(['/pay/a REFUSED STORE_CHANGED']);
  });
});

const NAMES = fc.uniqueArray(fc.constantFrom('/a', '/b', '/ab', '/ba', '/a/b', '/b/a', 'aws/x', '/aa'), {
  minLength: 1,
});
const GLOBS = fc.uniqueArray(fc.constantFrom('/a', '/a*', '*b', '/?', '*/a', '/b?', '*'), { maxLength: 3 });
const KEY_OF = fc.constantFrom(null, OLD, KEY);

describe('for any log groups and exemptions', () => {
  it('an exempt log store is never sealed, whether by a plan or by the function', async () => {
    await fc.assert(
      fc.asyncProperty(NAMES, GLOBS, KEY_OF, async (names, globs, keyArn) => {
        const groups = Object.fromEntries(names.map((name) => [name, keyArn]));
        const rules = rulesAt(NOW, { key: KEY, configuration: exempting(...globs) });
        const isExempt = (name: string) => globs.some((glob) => globMatches(glob, name));

        const byPlan = await applied(stepsFor(groups), { groups }, { rules });
        const byFunction = await remediated(names, { groups }, rules);

        for (const { log } of [byPlan, byFunction]) {
          const sealed = log
            .filter((line) => line.startsWith('logs:AssociateKmsKey'))
            .map((line) => line.split(' ')[1]);
          expect(sealed.filter((name) => isExempt(name ?? ''))).toEqual([]);
        }
        expect((await planned({ groups }, rules)).steps.filter(({ store }) => isExempt(store.name))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('one more exemption changes nothing about a log store that it does not match', async () => {
    await fc.assert(
      fc.asyncProperty(
        NAMES,
        GLOBS,
        fc.constantFrom('/a', '/a*', '*b', '/?'),
        KEY_OF,
        async (names, globs, added, keyArn) => {
          const groups = Object.fromEntries(names.map((name) => [name, keyArn]));
          const under = (...all: readonly string[]) =>
            rulesAt(NOW, {
              key: KEY,
              configuration: prepare({
                exemptions: all.map((name, index) => anExemption({ id: `e-${index}`, match: { names: [name] } })),
                keys: [],
              }),
            });
          const findingsOf = async (rules: Rules) =>
            (await scanned({ groups }, rules)).findings.filter(({ name }) => !globMatches(added, name));
          const stepsOf = async (rules: Rules) =>
            (await planned({ groups }, rules)).steps.filter(({ store }) => !globMatches(added, store.name));

          expect(await findingsOf(under(...globs, added))).toEqual(await findingsOf(under(...globs)));
          expect(await stepsOf(under(...globs, added))).toEqual(await stepsOf(under(...globs)));
        },
      ),
      { numRuns: 60 },
    );
  });
});
