import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../lib/domain/finding.ts';
import { REASON_CODES } from '../../lib/domain/reasons.ts';
import { toolsBin } from '../../scripts/tools-venv.ts';
import { aFinding, aKeyArn, aLogGroup, aReason, aReport } from '../support/builders.ts';
import { FINDINGS, scanTotals, written } from './builders.ts';
import { HOSTILE_TEXTS, hostileDocuments } from './hostile.ts';

/** Validates the formats whose published schemas only Python's packages have. */

let bin: string;
beforeAll(async () => {
  bin = await toolsBin();
}, 300_000);

/** What a script beside this file prints about a document. */
async function mistakesIn(script: string, document: string): Promise<string> {
  const child = spawn(join(bin, 'python'), [join(import.meta.dirname, script)], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(document);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${stderr}`);
  return stdout;
}

const exemption = { id: 'vendor', reason: 'it cannot', owner: 'a@example.com', expires: '2027-03-31' };

/** Findings of every kind, more than one batch of them. */
const ALL: readonly Finding[] = [
  ...FINDINGS,
  ...REASON_CODES.map((code) => {
    const reason = aReason(code);
    return aFinding({ ...aLogGroup(`/${code}`), reasons: [reason], severity: reason.severity, keyArn: aKeyArn(code) });
  }),
  aFinding({ ...aLogGroup('/exempt'), status: 'EXEMPT', exemption }),
  aFinding({ ...aLogGroup('/built-in'), status: 'EXEMPT', exemption: { ...exemption, expires: null } }),
  aFinding({ ...aLogGroup('query-result:*'), type: 'query-results' }),
  aFinding({
    ...aLogGroup('/china', { region: 'cn-north-1' }),
    arn: 'arn:aws-cn:logs:cn-north-1:111122223333:log-group:/china',
  }),
  aFinding({
    ...aLogGroup('/iso', { region: 'us-iso-east-1' }),
    arn: 'arn:aws-iso:logs:us-iso-east-1:111122223333:log-group:/iso',
  }),
  ...Array.from({ length: 120 }, (_, index) => aFinding(aLogGroup(`/bulk/${index}/${'x'.repeat(490)}`))),
];
const TARGETS = [
  aReport(),
  aReport({ region: 'eu-north-1', status: 'FAILED', error: { code: 'ACCESS_DENIED', message: 'no' } }),
  aReport({ account: '', region: 'eu-south-1', status: 'FAILED', error: { code: 'CREDENTIALS', message: 'no' } }),
];
const totals = scanTotals(ALL, { targets: TARGETS });

describe.each([
  ['asff', 'validate_asff.py', 'the API model of Security Hub'],
  ['ocsf', 'validate_ocsf.py', 'the schema of OCSF 1.6'],
])('%s is valid by what %s checks, %s', (format, script) => {
  it('with findings of every kind', async () => {
    expect(await mistakesIn(script, written('scan', format, [ALL], totals))).toBe('');
  });

  it('with hostile texts', async () => {
    const documents = HOSTILE_TEXTS.flatMap((hostile) => hostileDocuments(format, ['scan'], hostile));

    expect(documents).toHaveLength(HOSTILE_TEXTS.length);
    expect(await mistakesIn(script, merged(documents))).toBe('');
  });
});

/** One document: Python takes a second to start. */
const merged = (documents: readonly string[]) =>
  documents.every((document) => document.startsWith('['))
    ? JSON.stringify(documents.flatMap((document) => JSON.parse(document)))
    : documents.join('');

it('the API model and the schema see what is wrong', async () => {
  const [first = {}] = JSON.parse(written('scan', 'asff', [FINDINGS], totals));
  const event = JSON.parse(written('scan', 'ocsf', [FINDINGS], totals).split('\n')[0] ?? '');

  expect(await mistakesIn('validate_asff.py', JSON.stringify([{ ...first, Id: undefined }]))).toContain('"Id"');
  expect(await mistakesIn('validate_asff.py', JSON.stringify([{ ...first, RecordState: 'GONE' }]))).toContain('GONE');
  expect(await mistakesIn('validate_ocsf.py', `${JSON.stringify({ ...event, severity_id: 7 })}\n`)).toContain(
    'severity_id',
  );
  expect(await mistakesIn('validate_ocsf.py', `${JSON.stringify({ ...event, cloud: undefined })}\n`)).toContain(
    'cloud',
  );
});
