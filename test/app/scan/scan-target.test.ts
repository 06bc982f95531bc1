import { describe, expect, it } from 'vitest';
import { planTarget } from '../../../lib/app/change/plan-target.ts';
import type { LogStores } from '../../../lib/app/ports.ts';
import { type ScanOptions, scanTarget } from '../../../lib/app/scan/scan-target.ts';
import type { Finding } from '../../../lib/domain/finding.ts';
import type { Step } from '../../../lib/domain/plan-step.ts';
import { rulesAt } from '../../../lib/domain/rules.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../../lib/domain/stores/query-results.ts';
import { aKey, aKeyArn, anOpenPolicy, aTarget, NOW, REGION, TARGET } from '../../support/builders.ts';
import { aCloudError, type FakeWorld, fakeCloud, manyGroups } from '../../support/fake-cloud.ts';

const KEY = aKeyArn();

async function scan(world: FakeWorld, options: Partial<ScanOptions> = {}) {
  const fake = fakeCloud(world);
  const pages: (readonly Finding[])[] = [];
  const scanned = await scanTarget(aTarget(), fake.cloud, {
    rules: rulesAt(NOW),
    onStores: (stores) => void pages.push(stores.map(({ finding }) => finding)),
    ...options,
  });
  return { ...fake, ...scanned, pages, findings: pages.flat() };
}

/** Keys one to five of the own account, all healthy. */
const FIVE_KEYS = Object.fromEntries(
  [1, 2, 3, 4, 5].map((number) => [aKeyArn(`k${number}`), aKey({ arn: aKeyArn(`k${number}`) })]),
);

describe('a target', () => {
  it('is evaluated page by page, and reported', async () => {
    const groups = { ...manyGroups(60), '/sealed': KEY };

    const { report, summary, pages } = await scan({ groups, keys: { [KEY]: aKey() } });

    expect(pages.map((page) => page.length)).toEqual([50, 11]);
    expect(summary).toMatchObject({ stores: 61, compliant: 1, nonCompliant: 60, byReason: { NO_KEY: 60 } });
    expect(report).toEqual({
      provider: 'aws',
      account: '111122223333',
      region: REGION,
      status: 'COMPLETE',
      error: null,
      stores: 61,
      caller: 'arn:aws:iam::111122223333:user/test',
      apiCalls: {
        'sts:GetCallerIdentity': 1,
        'logs:DescribeLogGroups': 2,
        'kms:DescribeKey': 1,
        'kms:GetKeyPolicy': 1,
      },
    });
  });

  it('with nothing in it is complete', async () => {
    const { report, findings } = await scan({});

    expect(report).toMatchObject({ status: 'COMPLETE', stores: 0, error: null });
    expect(findings).toEqual([]);
  });

  it.each([0, 1, 49, 50, 51, 149])('of %i groups under 5 keys costs ⌈N/50⌉ + 2K + 1 calls', async (count) => {
    const groups = manyGroups(count);
    for (const [index, name] of Object.keys(groups).entries()) groups[name] = aKeyArn(`k${(index % 5) + 1}`);

    const { log, findings } = await scan({ groups, keys: FIVE_KEYS });

    const keys = Math.min(count, 5);
    expect(findings.filter(({ status }) => status === 'COMPLIANT')).toHaveLength(count);
    expect(log).toHaveLength(Math.max(1, Math.ceil(count / 50)) + 2 * keys + 1);
  });

  it('with a required alias costs one call more', async () => {
    const groups = { '/a': aKeyArn('k1'), '/b': aKeyArn('k2') };

    const { log, findings } = await scan(
      { groups, keys: { ...FIVE_KEYS, 'alias/k1': aKey({ arn: aKeyArn('k1') }) } },
      { rules: rulesAt(NOW, { key: 'alias/k1', requiresKey: true }) },
    );

    expect(findings.map(({ status }) => status)).toEqual(['COMPLIANT', 'NON_COMPLIANT']);
    // One call for the alias and the key together, since that key is attached.
    expect(log).toHaveLength(1 + 1 + 4);
  });

  it('with a required key ARN costs no call more', async () => {
    const { log, findings } = await scan(
      { groups: { '/a': aKeyArn('k2') }, keys: FIVE_KEYS },
      { rules: rulesAt(NOW, { key: aKeyArn('k1'), requiresKey: true }) },
    );

    expect(findings[0]?.reasons).toMatchObject([{ code: 'KEY_NOT_CONFIGURED' }]);
    expect(log).toHaveLength(1 + 1 + 2);
  });
});

describe('a target that is not listed completely', () => {
  it('is FAILED, and keeps what was seen', async () => {
    const failures = { 'logs:DescribeLogGroups 3': aCloudError('UNAVAILABLE', 'gone for good') };

    const { report, summary, findings } = await scan({ groups: manyGroups(120), failures });

    expect(report).toMatchObject({
      status: 'FAILED',
      error: { code: 'UNAVAILABLE', message: 'gone for good' },
      stores: 100,
    });
    expect(summary.stores).toBe(100);
    expect(findings).toHaveLength(100);
  });

  it('is not scanned if its caller cannot be identified', async () => {
    const failures = { 'sts:GetCallerIdentity': aCloudError('CREDENTIALS', 'no credentials') };

    const { report, keys, log } = await scan({ groups: { '/a': null }, failures });

    expect(report).toMatchObject({ status: 'FAILED', account: '', stores: 0, error: { code: 'CREDENTIALS' } });
    expect(keys).toBeNull();
    expect(log).toEqual(['sts:GetCallerIdentity me']);
  });

  it('is not reported as FAILED if the reason is a defect of the program', async () => {
    const failures = { 'logs:DescribeLogGroups 2': new TypeError('a defect') };

    await expect(scan({ groups: manyGroups(120), failures })).rejects.toThrow('a defect');
  });

  it('is not reported as FAILED if whoever takes the findings has a defect', async () => {
    const onStores = () => {
      throw new TypeError('a defect');
    };

    await expect(scan({ groups: { '/a': null } }, { onStores })).rejects.toThrow('a defect');
  });
});

describe('a key that cannot be read', () => {
  it('leaves its log groups unknown, and the others are evaluated', async () => {
    const groups = { '/a': aKeyArn('k1'), '/b': aKeyArn('private'), '/c': null };
    const failures = { [`kms:DescribeKey ${aKeyArn('private')}`]: aCloudError('ACCESS_DENIED') };

    const { report, findings } = await scan({ groups, keys: FIVE_KEYS, failures });

    expect(report.status).toBe('COMPLETE');
    expect(findings.map(({ status }) => status)).toEqual(['COMPLIANT', 'UNKNOWN', 'NON_COMPLIANT']);
  });
});

describe('a key that cannot be read for the moment', () => {
  const PRIVATE = aKeyArn('private');
  const world: FakeWorld = {
    groups: { '/a': aKeyArn('k1'), '/b': PRIVATE, '/c': null, '/d': PRIVATE },
    keys: FIVE_KEYS,
    failures: { [`kms:DescribeKey ${PRIVATE}`]: aCloudError('THROTTLED', 'too many') },
  };

  it('leaves its log groups unknown', async () => {
    const { report, findings } = await scan(world);

    expect(report).toMatchObject({ status: 'COMPLETE', stores: 4 });
    expect(findings.map(({ status }) => status)).toEqual(['COMPLIANT', 'UNKNOWN', 'NON_COMPLIANT', 'UNKNOWN']);
  });

  it('or leaves them out, where they shall be read another time, and the target is FAILED', async () => {
    const { report, findings, summary, failure, nextToken } = await scan(world, { leavesUnread: true });

    expect(findings.map(({ name }) => name)).toEqual(['/a', '/c']);
    expect(summary).toMatchObject({ stores: 2, compliant: 1, nonCompliant: 1, unknown: 0 });
    const message = '2 log stores could not be evaluated yet: a:Call: too many';
    expect(report).toMatchObject({ status: 'FAILED', error: { code: 'UNAVAILABLE', message } });
    expect([failure?.isTransient, nextToken]).toEqual([true, null]);
  });

  it('leaves out nothing that another try would not read either', async () => {
    const failures = { [`kms:DescribeKey ${PRIVATE}`]: aCloudError('ACCESS_DENIED') };

    const { report, findings } = await scan({ ...world, failures }, { leavesUnread: true });

    expect(report.status).toBe('COMPLETE');
    expect(findings.map(({ status }) => status)).toEqual(['COMPLIANT', 'UNKNOWN', 'NON_COMPLIANT', 'UNKNOWN']);
  });

  it('is no reason to leave out a log group whose key works, though its policy could not be read', async () => {
    const failures = { 'kms:GetKeyPolicy': aCloudError('THROTTLED') };

    const { report, findings } = await scan(
      { groups: { '/a': KEY }, keys: { [KEY]: aKey() }, failures },
      { leavesUnread: true },
    );

    expect(report.status).toBe('COMPLETE');
    expect(findings).toMatchObject([{ status: 'COMPLIANT', warnings: [{ code: 'KEY_POLICY_UNREADABLE' }] }]);
  });
});

describe('query results', () => {
  const STORE = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);
  const FAILING = { failures: { 'logs:StartQuery': aCloudError('ACCESS_DENIED', 'no query for you') } };

  it.each<[string, FakeWorld, object]>([
    ['without a key', {}, { status: 'NON_COMPLIANT', reasons: [{ code: 'NO_KEY' }], keyArn: null }],
    [
      'under a healthy key',
      { queryResults: KEY, policies: { [KEY]: anOpenPolicy() } },
      { status: 'COMPLIANT', reasons: [], warnings: [], keyArn: KEY },
    ],
    [
      'under a key with a policy for log groups only',
      { queryResults: KEY },
      { status: 'COMPLIANT', reasons: [], warnings: [{ code: 'KEY_POLICY_MISSING_ACTIONS' }], keyArn: KEY },
    ],
    [
      'under a key that is disabled',
      { queryResults: KEY, keys: { [KEY]: aKey({ state: 'Disabled' }) } },
      { status: 'NON_COMPLIANT', reasons: [{ code: 'KEY_DISABLED' }], keyArn: KEY },
    ],
    [
      'that cannot be read',
      FAILING,
      {
        status: 'UNKNOWN',
        reasons: [{ code: 'KEY_UNREADABLE', message: expect.stringContaining('no query for you') }],
        keyArn: null,
      },
    ],
  ])('%s are one more finding', async (_, world, finding) => {
    const { findings, report, summary } = await scan(
      { groups: { '/a': null }, keys: { [KEY]: aKey() }, ...world },
      { queryResults: true },
    );

    expect(findings).toHaveLength(2);
    expect(findings[1]).toMatchObject({ ...STORE, exemption: null, ...finding });
    expect(report).toMatchObject({ status: 'COMPLETE', error: null, stores: 2 });
    expect(summary.stores).toBe(2);
  });

  it('that cannot be read name the rights that reading them takes', async () => {
    const { findings, summary } = await scan(FAILING, { queryResults: true });

    expect(findings[0]?.reasons[0]?.fix).toMatch(/logs:StartQuery .*logs:GetQueryResults/);
    expect(summary).toMatchObject({ stores: 1, unknown: 1, byReason: { KEY_UNREADABLE: 1 } });
  });

  it('come after the last page, and their query is counted', async () => {
    const { pages, report } = await scan({ groups: manyGroups(60), queryResults: null }, { queryResults: true });

    expect(pages.map((page) => page.map(({ type }) => type).at(-1))).toEqual([
      'log-group',
      'log-group',
      'query-results',
    ]);
    expect(report.apiCalls).toMatchObject({ 'logs:DescribeLogGroups': 2, 'logs:StartQuery': 1 });
  });

  it('are compared with the required key', async () => {
    const other = aKeyArn('other');
    const world = { queryResults: other, keys: { [KEY]: aKey(), [other]: aKey({ arn: other }) } };

    const { findings } = await scan(world, {
      queryResults: true,
      rules: rulesAt(NOW, { key: KEY, requiresKey: true }),
    });

    expect(findings[0]?.reasons).toMatchObject([{ code: 'KEY_NOT_CONFIGURED' }]);
  });

  it('cost no call unless they are asked for', async () => {
    for (const options of [{}, { queryResults: false }]) {
      const { log, findings } = await scan({ groups: { '/a': null } }, options);

      expect(log.filter((line) => line.includes('Query'))).toEqual([]);
      expect(findings).toHaveLength(1);
    }
  });

  it('are left to the next invocation if a scan stops early', async () => {
    const world = { groups: manyGroups(120) };

    const first = await scan(world, { queryResults: true, shouldStop: () => true });
    const rest = await scan(world, { queryResults: true, startToken: first.nextToken });

    expect(first.log).not.toContain(`logs:StartQuery ${STORE.name}`);
    expect(first.findings).toHaveLength(50);
    expect(rest.findings).toHaveLength(71);
    expect(rest.findings.at(-1)?.type).toBe('query-results');
  });

  it('are not read after a listing that failed', async () => {
    const failures = { 'logs:DescribeLogGroups 2': aCloudError('UNAVAILABLE') };

    const { log, report } = await scan({ groups: manyGroups(60), failures }, { queryResults: true });

    expect(report).toMatchObject({ status: 'FAILED', stores: 50 });
    expect(log).not.toContain(`logs:StartQuery ${STORE.name}`);
  });

  it('without an answer are unknown', async () => {
    const { cloud } = fakeCloud();
    const read: LogStores['read'] = async (stores) => stores.map((store) => ({ status: 'GONE', store }));
    const unanswering = { ...cloud, logStores: { ...cloud.logStores, read } };
    const findings: Finding[] = [];

    await scanTarget(aTarget(), unanswering, {
      rules: rulesAt(NOW),
      queryResults: true,
      onStores: (page) => void findings.push(...page.map(({ finding }) => finding)),
    });

    expect(findings).toMatchObject([{ ...STORE, status: 'UNKNOWN', reasons: [{ code: 'KEY_UNREADABLE' }] }]);
  });

  it('are planned like any other log store', async () => {
    const plan = async (world: FakeWorld) => {
      const { cloud } = fakeCloud({ keys: { [KEY]: aKey() }, ...world });
      const steps: Step[] = [];
      const onSteps = (page: readonly Step[]) => void steps.push(...page);
      await planTarget(aTarget(), cloud, { rules: rulesAt(NOW, { key: KEY }), queryResults: true, onSteps });
      return steps;
    };
    const policies = { [KEY]: anOpenPolicy() };
    const warnings = [expect.objectContaining({ code: 'WRITERS_UNPROVEN' })];

    expect(await plan({ policies })).toEqual([
      { store: STORE, action: 'SEAL', fromKeyArn: null, toKeyArn: KEY, severity: 'MEDIUM', refusal: null, warnings },
    ]);
    expect(await plan({})).toMatchObject([
      { store: STORE, action: 'NONE', refusal: { code: 'KEY_POLICY_MISSING_ACTIONS' } },
    ]);
    expect(await plan({ policies, ...FAILING })).toMatchObject([
      { store: STORE, action: 'NONE', refusal: { code: 'KEY_UNREADABLE' } },
    ]);
    expect(await plan({ policies, queryResults: KEY })).toEqual([]);
  });
});

describe('a scan', () => {
  it('stops where it is told to, and continues from there', async () => {
    const groups = manyGroups(120);

    const first = await scan({ groups }, { shouldStop: () => true });
    const rest = await scan({ groups }, { startToken: first.nextToken, shouldStop: () => false });

    expect(first).toMatchObject({ nextToken: '50', report: { status: 'COMPLETE', stores: 50 } });
    expect(rest).toMatchObject({ nextToken: null, report: { status: 'COMPLETE', stores: 70 } });
    expect([...first.findings, ...rest.findings].map(({ name }) => name)).toEqual(Object.keys(groups));
  });

  it('is not asked to stop after its last page, and cannot continue after a failure', async () => {
    const failures = { 'logs:DescribeLogGroups 2': aCloudError('UNAVAILABLE') };

    expect((await scan({ groups: manyGroups(50) }, { shouldStop: () => expect.fail('asked') })).nextToken).toBeNull();
    expect((await scan({ groups: manyGroups(90), failures }, { shouldStop: () => false })).nextToken).toBeNull();
  });

  it('waits until the findings of a page are taken', async () => {
    const events: string[] = [];

    const { log } = await scan(
      { groups: manyGroups(120) },
      {
        onStores: async (stores) => {
          events.push(`${stores.length} given`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          events.push(`${stores.length} taken`);
        },
      },
    );

    expect(events).toEqual(['50 given', '50 taken', '50 given', '50 taken', '20 given', '20 taken']);
    expect(log).toHaveLength(4);
  });

  it('that is interrupted ends with the next page, and throws', async () => {
    const interruption = new AbortController();
    const taken: number[] = [];

    const scanning = scan(
      { groups: manyGroups(120) },
      {
        signal: interruption.signal,
        onStores: (stores) => {
          taken.push(stores.length);
          interruption.abort();
        },
      },
    );

    await expect(scanning).rejects.toMatchObject({ name: 'AbortError' });
    expect(taken).toEqual([50]);
  });
});
