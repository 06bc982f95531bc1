import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { refusal, serve } from '../aws/tiny-server.ts';
import { outcomeSchema, parseDocument, planSchema, scanSchema, scanSummarySchema } from '../support/documents.ts';
import { aDesk, aWorld, type Ran, runLogseal } from '../support/logseal.ts';

const EXPIRED = 'The security token included in the request is expired';
const WHY = `CREDENTIALS: ${EXPIRED}`;

/** Runs a command against a cloud that accepts no credentials any more. */
async function runExpired(words: string): Promise<Ran> {
  const { url } = await serve(({ operation }, response) => {
    if (operation !== '') return refusal('ExpiredTokenException', EXPIRED);
    response.writeHead(403, { 'content-type': 'text/xml' });
    response.end(
      `<ErrorResponse><Error><Code>ExpiredToken</Code><Message>${EXPIRED}</Message></Error></ErrorResponse>`,
    );
    return undefined;
  });
  const env = { AWS_ENDPOINT_URL: url, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
  return runLogseal(words, { env });
}

function lastLine(text: string): string | undefined {
  return text.trimEnd().split('\n').at(-1);
}

describe('expired credentials', () => {
  it.each([
    ['scan', 'scanned'],
    ['scan --region eu-west-1 --region us-east-1', 'scanned'],
    ['scan --region eu-west-1,us-east-1', 'scanned'],
    ['plan --key alias/logseal', 'planned'],
    ['apply --key alias/logseal --yes', 'changed'],
  ])('end %s with 1, and the last line says that nothing was %s, and why', async (words, done) => {
    const { status, stdout, stderr } = await runExpired(words);

    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(lastLine(stdout)).toBe(`Nothing was ${done}: CREDENTIALS`);
    expect(stdout.match(new RegExp(WHY, 'g'))).toHaveLength(done === 'changed' ? 2 : 1);
    expect(stdout).toContain('fix: log in again if the credentials have expired');
    expect(stdout).not.toContain('compliant');
  });

  it('make a scan FAILED as JSON and as NDJSON', async () => {
    const json = await runExpired('scan --format json');
    const ndjson = await runExpired('scan --format ndjson');

    expect([json.status, ndjson.status]).toEqual([1, 1]);
    expect(json.stdout).toContain('"status":"FAILED"');
    expect(parseDocument(scanSchema, json.stdout)).toMatchObject({
      status: 'FAILED',
      findings: [],
      summary: { stores: 0 },
      targets: [{ status: 'FAILED', error: { code: 'CREDENTIALS', message: EXPIRED } }],
    });
    expect(parseDocument(scanSummarySchema, ndjson.stdout).status).toBe('FAILED');
  });

  it('make a plan FAILED, and an outcome has no steps', async () => {
    const planned = await runExpired('plan --key alias/logseal --format json');
    const applied = await runExpired('apply --key alias/logseal --yes --format json');

    expect([planned.status, applied.status]).toEqual([1, 1]);
    expect(parseDocument(planSchema, planned.stdout)).toMatchObject({ status: 'FAILED', steps: [] });
    expect(parseDocument(outcomeSchema, applied.stdout)).toMatchObject({ steps: [], targets: [{ status: 'FAILED' }] });
    expect(lastLine(applied.stderr)).toBe('Nothing was planned: CREDENTIALS');
  });
});

describe('two Regions of which one cannot be scanned completely', () => {
  // us-east-1 has one page, so the third call is the second page of eu-west-1.
  const denied = { call: 'logs:DescribeLogGroups', kind: 'deny', skip: 2, times: 1 } as const;
  const world: World = aWorld({
    bulk: [{ name: '/bulk/{n}', count: 100, key: 'logseal' }],
    keys: { far: { alias: 'alias/logseal', region: 'us-east-1', policy: 'logs' } },
    elsewhere: [{ region: 'us-east-1', groups: { '/there': null } }],
    faults: [denied],
  });
  const REGIONS = '--region eu-west-1 --region us-east-1';
  const INCOMPLETE = '; 1 of 2 targets not scanned completely';

  it('are a PARTIAL scan: 1, with the findings of both', async () => {
    const { run } = await aDesk(world);

    const { status, stdout } = await run(`scan ${REGIONS} --format json`);

    const document = parseDocument(scanSchema, stdout);
    expect(status).toBe(1);
    expect(document.status).toBe('PARTIAL');
    expect(document.targets.map((target) => `${target.region} ${target.status}`)).toEqual([
      'eu-west-1 FAILED',
      'us-east-1 COMPLETE',
    ]);
    expect(document.summary).toMatchObject({ stores: 51, compliant: 50, nonCompliant: 1 });
    expect(document.findings).toHaveLength(51);
    expect(document.findings.filter(({ region }) => region === 'us-east-1').map(({ name }) => name)).toEqual([
      '/there',
    ]);
  });

  it('are a PARTIAL plan: 1, with the steps of the other', async () => {
    const { run } = await aDesk(world);

    const { status, stdout } = await run(`plan --key alias/logseal ${REGIONS} --format json`);

    const document = parseDocument(planSchema, stdout);
    expect(status).toBe(1);
    expect(document.status).toBe('PARTIAL');
    expect(document.steps.map(({ store, action }) => `${store.name} ${action}`)).toEqual(['/there SEAL']);
  });

  it.each(['scan', 'plan --key alias/logseal'])('are in the last line of %s as a table', async (words) => {
    const { run } = await aDesk(world);

    const { status, stdout } = await run(`${words} ${REGIONS}`);

    expect(status).toBe(1);
    expect(lastLine(stdout)).toContain(INCOMPLETE);
    expect(stdout).toContain('eu-west-1 was not scanned completely: stopped after 50 log stores: ACCESS_DENIED: ');
  });

  it('are in what apply says at the end, and in what plan says beside a file', async () => {
    const first = await aDesk(world);
    const second = await aDesk(world);

    const applied = await first.run(`apply --key alias/logseal ${REGIONS} --yes`);
    const planned = await second.run(`plan --key alias/logseal ${REGIONS} --format json --output plan.json`);

    expect(applied.status).toBe(1);
    expect(applied.stdout).toContain(`1 log store sealed, 0 unchanged, 0 refused, 0 failed${INCOMPLETE} (run `);
    expect(planned).toMatchObject({ status: 1, stderr: `1 to seal, 0 refused${INCOMPLETE}: plan.json\n` });
  });
});
