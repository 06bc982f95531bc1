import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  aLogstoreDesk,
  aRelay,
  BEIJING,
  findingSchema,
  HERE,
  KEY,
  keyId,
  REGION,
  ROLE,
  SEALING,
  scanSchema,
  scanSummarySchema,
} from '../../support/alibaba.ts';
import { linesOf, runLogseal } from '../../support/logseal.ts';

const SCAN = `scan ${HERE}`;
/** A Logstore of every kind. */
const STORES = {
  never: 'off',
  switched: { key: 'mine', enabled: false },
  'switched-service': { key: 'service-key', enabled: false },
  sealed: 'mine',
  'also-sealed': 'mine',
  other: 'other',
  service: 'service-key',
  gone: 'gone',
  disabled: 'disabled',
  dying: 'dying',
  rsa: 'rsa',
  signing: 'signing',
  far: 'far',
} as const;
const FAR = { alibaba: { regions: { [BEIJING]: { keys: { far: {} }, projects: { north: { fresh: 'off' } } } } } };
const REASONS: Readonly<Record<string, string[]>> = {
  'app-logs/also-sealed': [],
  'app-logs/disabled': ['KEY_DISABLED'],
  'app-logs/dying': ['KEY_PENDING_DELETION'],
  'app-logs/far': ['KEY_WRONG_REGION'],
  'app-logs/gone': ['KEY_NOT_FOUND'],
  'app-logs/never': ['ENCRYPTION_OFF'],
  'app-logs/other': [],
  'app-logs/rsa': ['KEY_NOT_SYMMETRIC'],
  'app-logs/sealed': [],
  'app-logs/service': ['SERVICE_KEY'],
  'app-logs/signing': ['KEY_WRONG_USAGE'],
  'app-logs/switched': ['ENCRYPTION_OFF'],
  'app-logs/switched-service': ['ENCRYPTION_OFF'],
};

const aScanDesk = () => aLogstoreDesk(STORES, FAR);
const reasonsOf = ({ findings }: v.InferOutput<typeof scanSchema>) =>
  Object.fromEntries(findings.map(({ name, reasons }) => [name, reasons.map(({ code }) => code)]));

describe('a finding', () => {
  it('says why, for every kind of Logstore', async () => {
    const { json, sandbox } = await aScanDesk();

    const { status, stderr, document } = await json(scanSchema, SCAN);

    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(reasonsOf(document)).toEqual(REASONS);
    expect(document.summary).toMatchObject({ stores: 13, compliant: 3, nonCompliant: 10, unknown: 0 });
    expect(document.summary.byReason).toMatchObject({ ENCRYPTION_OFF: 3, SERVICE_KEY: 1, KEY_DISABLED: 1 });
    // One call a Logstore and one a distinct key, beside the pages; nothing of roles.
    const calls = { 'log:ListProject': 1, 'log:ListLogStores': 1, 'log:GetLogStore': 13 };
    expect(document.targets).toMatchObject([{ status: 'COMPLETE', apiCalls: { ...calls, 'kms:DescribeKey': 8 } }]);
    expect(sandbox.calls()).toEqual({ ...calls, 'acs-kms:DescribeKey': 8 });
  });

  it('names the key, and what is configured for good, whether encryption is on or off', async () => {
    const { json } = await aScanDesk();

    const { document } = await json(scanSchema, SCAN);

    const keys = new Map(document.findings.map(({ name, keyArn, fixed }) => [name.split('/')[1], { keyArn, fixed }]));
    expect(keys.get('never')).toEqual({ keyArn: null, fixed: undefined });
    expect(keys.get('sealed')).toEqual({ keyArn: KEY, fixed: { keyArn: KEY, region: REGION } });
    expect(keys.get('switched')).toEqual({ keyArn: null, fixed: { keyArn: KEY, region: REGION } });
    expect(keys.get('service')).toEqual({ keyArn: 'service-key', fixed: { keyArn: 'service-key', region: null } });
    expect(keys.get('switched-service')).toEqual({ keyArn: null, fixed: { keyArn: 'service-key', region: null } });
    expect(keys.get('far')).toMatchObject({ fixed: { keyArn: keyId('far', BEIJING), region: BEIJING } });
  });

  it('tells one that was never configured from one that is switched off, with what fixes each', async () => {
    const { json } = await aLogstoreDesk({ never: 'off', switched: { key: 'mine', enabled: false } });

    const { document } = await json(scanSchema, SCAN);

    const [never, switched] = document.findings.map(({ reasons }) => reasons[0]);
    expect(never?.message).toBe('its encryption was never configured');
    expect(never?.fix).toContain('once, and for good');
    expect(switched?.message).toBe('its encryption is configured, and switched off');
    expect(switched?.fix).toContain('switch it on');
  });

  it('accepts the service key only where it is asked for', async () => {
    const { json, run } = await aLogstoreDesk({ service: 'service-key', sealed: 'mine' });

    expect((await run(SCAN)).status).toBe(3);
    const { status, document } = await json(scanSchema, `${SCAN} --service-key`);

    expect(status).toBe(0);
    expect(document.summary).toMatchObject({ stores: 2, compliant: 2, byReason: {} });
  });

  it('with --require-key is the same but for healthy keys that are others', async () => {
    const { json } = await aScanDesk();

    const { document } = await json(scanSchema, `${SCAN} --key ${KEY} --require-key`);
    const { document: service } = await json(scanSchema, `${SCAN} --service-key --require-key`);

    expect(reasonsOf(document)).toEqual({ ...REASONS, 'app-logs/other': ['KEY_NOT_CONFIGURED'] });
    const others = ['sealed', 'also-sealed', 'other'].map((name) => [`app-logs/${name}`, ['KEY_NOT_CONFIGURED']]);
    expect(reasonsOf(service)).toEqual({ ...REASONS, ...Object.fromEntries(others), 'app-logs/service': [] });
  });

  it('whose key may not be read is unknown', async () => {
    const faults = [{ call: 'acs-kms:DescribeKey', kind: 'deny', resource: KEY } as const];
    const { json } = await aLogstoreDesk({ sealed: 'mine', other: 'other' }, { faults });

    const { status, document } = await json(scanSchema, SCAN);

    expect(status).toBe(3);
    expect(document.summary).toMatchObject({ compliant: 1, unknown: 1, byReason: { KEY_UNREADABLE: 1 } });
    expect(document.findings[1]?.reasons[0]?.fix).toContain('kms:DescribeKey');
  });

  it('of a Logstore that alone may not be read is unknown', async () => {
    const faults = [{ call: 'log:GetLogStore', kind: 'deny', resource: 'app-logs/never' } as const];
    const { json } = await aLogstoreDesk({ never: 'off', sealed: 'mine' }, { faults });

    const { status, document } = await json(scanSchema, SCAN);

    expect(status).toBe(3);
    expect(document.targets).toMatchObject([{ status: 'COMPLETE', stores: 2 }]);
    expect(reasonsOf(document)).toEqual({ 'app-logs/never': ['KEY_UNREADABLE'], 'app-logs/sealed': [] });
    expect(document.summary).toMatchObject({ compliant: 1, unknown: 1 });
    const unread = document.findings.find(({ status: is }) => is === 'UNKNOWN');
    expect(unread?.reasons[0]?.fix).toContain('log:GetLogStore');
  });

  it.each([
    ['of a type that is not known is read as it is', { encrypt_type: 'rot13' }, 'COMPLIANT'],
    ['that does not say `enable` is off', { enable: undefined }, 'NON_COMPLIANT'],
    ['that says `enable` is "false" is off', { enable: 'false' }, 'NON_COMPLIANT'],
  ])('%s', async (_, more, status) => {
    const desk = await aLogstoreDesk({ sealed: 'mine' });
    const { env } = await aRelay(desk, {
      answer: (_passed, body) =>
        body.encrypt_conf ? { ...body, encrypt_conf: { ...body.encrypt_conf, ...more } } : body,
    });

    const { document } = await desk.json(scanSchema, SCAN, { env });

    expect(document.findings).toMatchObject([{ status, fixed: { keyArn: KEY } }]);
  });
});

describe('what is printed', () => {
  it('as a table is what is flagged, why, and the sum', async () => {
    const { run } = await aScanDesk();

    const { status, stdout, stderr } = await run(SCAN);

    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(stdout).toMatch(/^HIGH +app-logs\/never +ENCRYPTION_OFF +-$/m);
    expect(stdout).toMatch(/^MEDIUM +app-logs\/service +SERVICE_KEY +service-key$/m);
    expect(stdout).not.toMatch(/app-logs\/sealed/);
    expect(stdout).toContain(`fix: aliyun kms EnableKey --KeyId ${keyId('disabled')}`);
    expect(stdout).toContain(`fix: aliyun kms CancelKeyDeletion --KeyId ${keyId('dying')}, then aliyun kms EnableKey `);
    expect(stdout).toMatch(/\n13 log stores: 3 compliant, 10 not compliant \(23 API calls\)\n/);
  });

  it('as NDJSON is the same findings, one a line, and the sum last', async () => {
    const { run, json } = await aScanDesk();

    const { status, stdout } = await run(`${SCAN} --format ndjson`);
    const { document } = await json(scanSchema, SCAN);

    const lines = linesOf(stdout);
    expect(status).toBe(3);
    expect(v.parse(v.array(findingSchema), lines.slice(0, -1))).toEqual(document.findings);
    expect(v.parse(scanSummarySchema, lines.at(-1)).summary).toEqual(document.summary);
  });

  it('goes by an account only where a role names it', async () => {
    const { json } = await aLogstoreDesk({ sealed: 'mine' });

    const { document: nobodys } = await json(scanSchema, SCAN);
    const { document: somebodys } = await json(scanSchema, `${SCAN} --sls-role-arn ${ROLE}`);

    expect([nobodys.targets[0]?.account, nobodys.findings[0]?.account]).toEqual(['', '']);
    expect(nobodys.findings[0]?.arn).toBe(`acs:log:${REGION}::project/app-logs/logstore/sealed`);
    expect([somebodys.targets[0]?.account, somebodys.findings[0]?.account]).toEqual([ACCOUNT, ACCOUNT]);
    expect(somebodys.findings[0]?.arn).toBe(`acs:log:${REGION}:${ACCOUNT}:project/app-logs/logstore/sealed`);
  });
});

describe('Regions', () => {
  it('are scanned beside each other, each with its own', async () => {
    const { json } = await aLogstoreDesk({ sealed: 'mine' }, FAR);

    const { status, document } = await json(scanSchema, `${SCAN} --region ${BEIJING}`);

    expect(status).toBe(3);
    expect(document.targets).toMatchObject([
      { region: REGION, stores: 1 },
      { region: BEIJING, stores: 1 },
    ]);
    expect(document.findings.map(({ region, name, status: is }) => `${region} ${name} ${is}`).toSorted()).toEqual([
      `${BEIJING} north/fresh NON_COMPLIANT`,
      `${REGION} app-logs/sealed COMPLIANT`,
    ]);
  });

  it('of which one fails are scanned but for that, and it is 1', async () => {
    const faults = [{ call: 'log:ListLogStores', kind: 'deny', resource: 'north' } as const];
    const { json, run } = await aLogstoreDesk({ sealed: 'mine' }, { ...FAR, faults });

    const { status, document } = await json(scanSchema, `${SCAN} --region ${BEIJING}`);

    expect(status).toBe(1);
    expect(document.targets).toMatchObject([
      { region: REGION, status: 'COMPLETE', error: null, stores: 1 },
      { region: BEIJING, status: 'FAILED', error: { code: 'ACCESS_DENIED' }, stores: 0 },
    ]);
    expect((await run(`${SCAN} --region ${BEIJING}`)).stdout).toContain(
      `${BEIJING} was not scanned completely: ACCESS_DENIED: `,
    );
  });

  it('whose answer names what cannot be a name fail', async () => {
    const desk = await aLogstoreDesk({ sealed: 'mine' });
    const answer = (_: unknown, body: { logstores?: string[] }) =>
      body.logstores ? { ...body, logstores: ['../../evil'] } : body;
    const { env, requests } = await aRelay(desk, { answer });

    const { status, document } = await desk.json(scanSchema, SCAN, { env });

    expect(status).toBe(1);
    expect(document.targets).toMatchObject([{ status: 'FAILED', error: { code: 'UNAVAILABLE' } }]);
    expect(document.targets[0]?.error?.message).toContain('"../../evil", which is not a valid name');
    expect(requests).toHaveLength(2);
  });
});

describe('the exit status', () => {
  it('is 0 where all is well, and where there is nothing', async () => {
    const { run } = await aLogstoreDesk({ sealed: 'mine' });

    expect((await run(SCAN)).status).toBe(0);
    expect((await run('scan --provider alibaba --region cn-shanghai')).status).toBe(0);
  });

  it('is 1 where nobody answers', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.close();
    const credentials = { ALIBABA_CLOUD_ACCESS_KEY_ID: 'x', ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'x' };
    const env = { LOGSEAL_SLS_ENDPOINT: url, LOGSEAL_ALIBABA_KMS_ENDPOINT: url, ...credentials };

    const { status, stdout } = await runLogseal(`${SCAN} --format json`, { env });

    const { targets } = v.parse(scanSchema, JSON.parse(stdout));
    expect(status).toBe(1);
    expect(targets).toMatchObject([{ status: 'FAILED', error: { code: 'NETWORK' }, stores: 0 }]);
    expect(targets[0]?.error?.message).toContain('ECONNREFUSED');
  });
});

it('--key and --sls-role-arn alone change nothing of a scan', async () => {
  const { json } = await aScanDesk();

  expect(reasonsOf((await json(scanSchema, `scan ${SEALING}`)).document)).toEqual(REASONS);
});
