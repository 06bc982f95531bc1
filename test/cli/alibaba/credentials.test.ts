import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  aLogstoreDesk,
  BEIJING,
  HERE,
  outcomeSchema,
  planSchema,
  REGION,
  SEALING,
  scanSchema,
  scanSummarySchema,
} from '../../support/alibaba.ts';

const MESSAGE = 'ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set';
const FIX = 'fix: set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET to an access key that works';
const FAILED = { status: 'FAILED', error: { code: 'CREDENTIALS', message: MESSAGE }, stores: 0, apiCalls: {} };

/** Runs a command where there is a Logstore and no access key, or half of one. */
async function runWithout(words: string, name = 'ALIBABA_CLOUD_ACCESS_KEY_ID') {
  const { run, sandbox, files } = await aLogstoreDesk({ never: 'off' });
  const ran = await run(words, { env: { [name]: '' } });
  expect(ran.stdout + ran.stderr).not.toContain('    at ');
  expect(sandbox.calls()).toEqual({});
  expect(await files()).toEqual([]);
  return ran;
}

function lastLine(text: string): string | undefined {
  return text.trimEnd().split('\n').at(-1);
}

describe('without an access key', () => {
  it.each([
    [`scan ${HERE}`, 'scanned'],
    [`scan --provider=alibaba --region ${REGION} --region ${BEIJING}`, 'scanned'],
    [`plan ${SEALING}`, 'planned'],
    [`apply ${SEALING} --yes`, 'changed'],
    [`apply ${SEALING} --confirm-irreversible 3`, 'changed'],
  ])('%s ends with 1, and the last line says that nothing was %s, and why', async (words, done) => {
    const { status, stdout, stderr } = await runWithout(words);

    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(lastLine(stdout)).toMatch(new RegExp(`^Nothing was ${done}( in \\d+)?: CREDENTIALS$`));
    expect(stdout).toContain(MESSAGE);
    expect(stdout).toContain(FIX);
    expect(stdout).not.toContain('compliant');
  });

  it.each(['ALIBABA_CLOUD_ACCESS_KEY_ID', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET'])(
    'a scan is FAILED as JSON and as NDJSON: %s',
    async (name) => {
      const json = await runWithout(`scan ${HERE} --region ${BEIJING} --format json`, name);
      const ndjson = await runWithout(`scan ${HERE} --format ndjson`, name);

      expect([json.status, ndjson.status]).toEqual([1, 1]);
      expect(json.stdout).toContain('"status":"FAILED"');
      expect(v.parse(scanSchema, JSON.parse(json.stdout))).toMatchObject({
        status: 'FAILED',
        findings: [],
        summary: { stores: 0 },
        targets: [
          { region: REGION, ...FAILED },
          { region: BEIJING, ...FAILED },
        ],
      });
      expect(v.parse(scanSummarySchema, JSON.parse(ndjson.stdout)).status).toBe('FAILED');
    },
  );

  it('a plan is FAILED, and an outcome has no steps', async () => {
    const planned = await runWithout(`plan ${SEALING} --format json`);
    const applied = await runWithout(`apply ${SEALING} --yes --format json`);

    expect([planned.status, applied.status]).toEqual([1, 1]);
    expect(v.parse(planSchema, JSON.parse(planned.stdout))).toMatchObject({ status: 'FAILED', steps: [] });
    const outcome = v.parse(outcomeSchema, JSON.parse(applied.stdout));
    expect(outcome).toMatchObject({ steps: [], targets: [FAILED] });
  });

  it('an undo fails where its own call would have been the first', async () => {
    const { run, sandbox } = await aLogstoreDesk({ never: 'off' });
    await run(`apply ${SEALING} --confirm-irreversible 1`);
    const before = sandbox.calls();

    const { status, stdout, stderr } = await run(`undo ${HERE} --yes --store app-logs/never`, {
      env: { ALIBABA_CLOUD_ACCESS_KEY_ID: '' },
    });

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`logseal: CREDENTIALS: ${MESSAGE} (log:ListProject)\n  ${FIX}`);
    expect(sandbox.calls()).toEqual(before);
  });
});
