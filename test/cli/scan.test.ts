import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { REASON_CODES } from '../../lib/domain/reasons.ts';
import { findingSchema, parseDocument, scanSchema, scanSummarySchema } from '../support/documents.ts';
import { aDesk, aWorld, DEMO, linesOf } from '../support/logseal.ts';
import { ACCOUNT, manyKeys } from './worlds.ts';

/** The others are Alibaba Cloud's. */
const OF_AWS = REASON_CODES.filter((code) => code !== 'ENCRYPTION_OFF' && code !== 'SERVICE_KEY');

describe('the demo world', () => {
  it('has every reason, in a complete document', async () => {
    const { run, sandbox } = await aDesk(DEMO);

    const { status, stdout, stderr } = await run('scan --format json --key alias/logseal --require-key');

    const document = parseDocument(scanSchema, stdout);
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(Object.keys(document.summary.byReason).toSorted()).toEqual(OF_AWS.toSorted());
    expect(document.summary).toMatchObject({ stores: 28, compliant: 4, nonCompliant: 22, exempt: 1, unknown: 1 });
    expect(document.findings).toHaveLength(28);
    expect(document.targets).toMatchObject([{ account: ACCOUNT, region: 'eu-west-1', status: 'COMPLETE', stores: 28 }]);
    expect(document.targets[0]?.apiCalls).toEqual(sandbox.calls());
  });

  it('has every finding under its name, with its key, its reasons in order and its warnings', async () => {
    const { run } = await aDesk(DEMO);

    const { stdout } = await run('scan --format json');

    const { findings } = parseDocument(scanSchema, stdout);
    const short = Object.fromEntries(
      findings.map(({ name, status, reasons }) => [name, [status, ...reasons.map(({ code }) => code)].join(' ')]),
    );
    expect(short).toEqual({
      '/app/api': 'COMPLIANT',
      '/app/api-v2': 'NON_COMPLIANT NO_KEY',
      '/app/web': 'NON_COMPLIANT NO_KEY',
      '/app/worker': 'COMPLIANT',
      '/archive/2023': 'NON_COMPLIANT NO_KEY',
      '/archive/2024': 'COMPLIANT',
      '/aws/lambda/billing': 'NON_COMPLIANT NO_KEY',
      '/aws/lambda/orders': 'COMPLIANT',
      '/legacy/aws-managed-key': 'NON_COMPLIANT KEY_AWS_MANAGED',
      '/legacy/billing': 'COMPLIANT',
      '/legacy/deleted-key': 'NON_COMPLIANT KEY_NOT_FOUND',
      '/legacy/disabled-key': 'NON_COMPLIANT KEY_DISABLED',
      '/legacy/dying-key': 'NON_COMPLIANT KEY_PENDING_DELETION',
      '/legacy/dying-multi-region-key': 'NON_COMPLIANT KEY_PENDING_REPLICA_DELETION',
      '/legacy/hmac': 'NON_COMPLIANT KEY_WRONG_USAGE',
      '/legacy/lost-key-store': 'NON_COMPLIANT KEY_UNAVAILABLE',
      '/legacy/never-imported': 'NON_COMPLIANT KEY_PENDING_IMPORT',
      '/legacy/other-region': 'NON_COMPLIANT KEY_WRONG_REGION',
      '/legacy/rsa': 'NON_COMPLIANT KEY_NOT_SYMMETRIC',
      '/legacy/signing': 'NON_COMPLIANT KEY_NOT_SYMMETRIC KEY_WRONG_USAGE',
      '/legacy/still-creating': 'NON_COMPLIANT KEY_CREATING',
      '/ops/locked': 'NON_COMPLIANT NO_KEY',
      '/partner/feed': 'COMPLIANT',
      '/partner/private': 'UNKNOWN KEY_UNREADABLE',
      '/payments/ledger': 'COMPLIANT',
      '/restricted/audit': 'NON_COMPLIANT NO_KEY',
      '/restricted/staff': 'NON_COMPLIANT KEY_DISABLED',
      'aws/reserved': 'EXEMPT NO_KEY',
    });
    const warned = findings.flatMap(({ name, warnings }) => warnings.map(({ code }) => `${name} ${code}`));
    expect(warned).toEqual(['/legacy/billing KEY_POLICY_MISSING_ACTIONS', '/partner/feed KEY_POLICY_UNREADABLE']);
    const unknown = findings.find(({ status }) => status === 'UNKNOWN');
    expect(unknown?.reasons[0]?.fix).toContain('allow the caller kms:DescribeKey');
  });

  it('says what is lost, and when', async () => {
    const { run } = await aDesk(DEMO);

    const { stdout } = await run('scan --format json');

    const { findings } = parseDocument(scanSchema, stdout);
    const messages = findings
      .filter(({ severity }) => severity === 'CRITICAL')
      .map(({ reasons }) => reasons[0]?.message);
    expect(messages).toEqual([
      expect.stringMatching(/^what was encrypted under arn:\S+ cannot be read any more, since the key does not exist/),
      expect.stringMatching(
        /^what was encrypted under arn:\S+ cannot be read now, and will be lost on 20\d\d-\d\d-\d\d, /,
      ),
      expect.stringMatching(/^what was encrypted under arn:\S+ cannot be read now, .* 30 days after its last replica$/),
    ]);
  });

  it('says of a required key that does not exist only that it cannot be used', async () => {
    const { run } = await aDesk(aWorld({ groups: { '/a': 'logseal' } }));

    const { stdout } = await run('scan --key alias/none --require-key --format json');

    expect(parseDocument(scanSchema, stdout).findings[0]?.reasons[0]?.message).toMatch(
      /^arn:\S+ works, but is not the configured key \(alias\/none does not exist in eu-west-1, so nothing can be encrypted with it\)$/,
    );
  });

  it('is the same as NDJSON, with the summary last', async () => {
    const { run } = await aDesk(DEMO);

    const [json, ndjson] = [await run('scan --format json'), await run('scan --format ndjson')];

    const lines = linesOf(ndjson.stdout);
    const { findings, summary } = parseDocument(scanSchema, json.stdout);
    expect(ndjson.status).toBe(3);
    expect(v.parse(v.array(findingSchema), lines.slice(0, -1))).toEqual(findings);
    expect(v.parse(scanSummarySchema, lines.at(-1)).summary).toEqual(summary);
  });

  it('is readable as a table without colours', async () => {
    const { run } = await aDesk(DEMO);

    const { status, stdout, stderr } = await run('scan');

    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(stdout).toMatch(/^HIGH +\/legacy\/signing +KEY_NOT_SYMMETRIC, KEY_WRONG_USAGE /m);
    expect(stdout).toMatch(
      /^Scanned account 111122223333, eu-west-1\n28 log stores: 7 compliant, 19 not compliant, 1 unknown, 1 exempt \(\d+ API calls\)\n/,
    );
    expect(stdout).not.toContain('\x1b');
  });
});

describe('the calls of a scan', () => {
  it('are ⌈N/50⌉ + 2K + 1, whatever the number of groups under a key', async () => {
    const { run, sandbox } = await aDesk(aWorld(manyKeys(7, 40)));

    const { status, stdout } = await run('scan --format json');

    expect(status).toBe(0);
    expect(sandbox.calls()).toEqual({
      'sts:GetCallerIdentity': 1,
      'logs:DescribeLogGroups': 6,
      'kms:DescribeKey': 7,
      'kms:GetKeyPolicy': 7,
    });
    expect(parseDocument(scanSchema, stdout).targets[0]?.apiCalls).toEqual(sandbox.calls());
  });

  it('change nothing', async () => {
    const { run, sandbox, files } = await aDesk(DEMO);

    await run('scan');
    await run('plan --key alias/logseal');

    expect(Object.keys(sandbox.calls()).filter((call) => !/:(Describe|Get|List|Simulate)/.test(call))).toEqual([]);
    expect(await files()).toEqual([]);
  });
});

describe('the exit status of a scan', () => {
  it('is 0 where there are no log stores', async () => {
    const { run } = await aDesk({ region: 'eu-west-1' });

    const { status, stdout } = await run('scan');

    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'Scanned account 111122223333, eu-west-1\n0 log stores: 0 compliant (3 API calls)\n\nnothing is open\n',
    });
  });

  it('is 0 where all is well, warnings or not', async () => {
    const keys = { closed: { policy: { Version: '2012-10-17', Statement: [] } } };
    const { run } = await aDesk(aWorld({ keys, groups: { '/a': 'logseal', '/b': 'closed' } }));

    const { status, stdout } = await run('scan --format json');

    const { findings } = parseDocument(scanSchema, stdout);
    expect(status).toBe(0);
    expect(findings.map(({ warnings }) => warnings.length)).toEqual([0, 1]);
  });

  it('is 3 where something is unknown', async () => {
    const faults = [{ call: 'kms:DescribeKey', kind: 'deny' }] as const;
    const { run } = await aDesk(aWorld({ groups: { '/a': 'logseal' }, faults: [...faults] }));

    const { status, stdout } = await run('scan --format json');

    const { findings } = parseDocument(scanSchema, stdout);
    expect(status).toBe(3);
    expect(findings).toMatchObject([{ status: 'UNKNOWN', reasons: [{ code: 'KEY_UNREADABLE' }] }]);
    expect(findings[0]?.reasons[0]?.message).toContain('is not authorized to perform: kms:DescribeKey');
  });
});

describe('a right that is missing for 38 keys', () => {
  it.each([
    ['kms:DescribeKey', 'KEY_UNREADABLE', 'reasons'],
    ['kms:GetKeyPolicy', 'KEY_POLICY_UNREADABLE', 'warnings'],
  ] as const)(
    '%s is one fix with one statement in a table, and the fix of each key in JSON',
    async (call, code, where) => {
      const { run } = await aDesk(aWorld({ ...manyKeys(38, 1), faults: [{ call, kind: 'deny' }] }));

      const table = await run('scan');
      const json = await run('scan --format json');

      expect(table.stdout.match(/^ {2}fix: /gm)).toHaveLength(1);
      expect(table.stdout).toContain(`${code} × 38`);
      expect(table.stdout).toContain('{…} (a wildcard, since');
      const verbose = (await run('scan --verbose')).stdout;
      expect(verbose).toMatch(
        new RegExp(`"Action": "${call}",\\n +"Resource": "arn:aws:kms:eu-west-1:111122223333:key/\\*"\\n`),
      );
      const { findings } = parseDocument(scanSchema, json.stdout);
      expect(findings).toHaveLength(38);
      for (const {
        keyArn,
        [where]: [problem],
      } of findings) {
        expect(problem).toMatchObject({ code, missingRight: { action: call, resource: keyArn } });
        expect(problem?.fix).toContain(`"Action":"${call}","Resource":"${keyArn}"}`);
      }
    },
  );
});

describe('several Regions', () => {
  const world = aWorld({
    groups: { '/here': null },
    elsewhere: [{ region: 'us-east-1', groups: { '/there': null } }],
  });

  it('are each a target, once', async () => {
    const { run } = await aDesk(world);

    const { status, stdout } = await run('scan --format json --region us-east-1 --region eu-west-1 --region us-east-1');

    const { targets, findings, summary } = parseDocument(scanSchema, stdout);
    expect(status).toBe(3);
    expect(targets.map(({ region }) => region)).toEqual(['us-east-1', 'eu-west-1']);
    expect(findings.map(({ region, name }) => `${region} ${name}`).toSorted()).toEqual([
      'eu-west-1 /here',
      'us-east-1 /there',
    ]);
    expect(summary.stores).toBe(2);
  });

  it('that default to the one of the SDK', async () => {
    const { run } = await aDesk(world);

    const { stdout } = await run('scan --format json', { env: { AWS_REGION: 'us-east-1' } });

    expect(parseDocument(scanSchema, stdout).findings.map(({ name }) => name)).toEqual(['/there']);
  });
});
