import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatNames } from '../../../lib/report/formats/index.ts';
import { aKeyEntry, aLogGroup } from '../../support/builders.ts';
import { NO_WAITS } from '../../support/host.ts';
import { aDirectory, runLogseal } from '../../support/logseal.ts';
import { aHostileCloud, HOSTILE, HOSTILE_POLICY, MARK } from './cloud.ts';

/** The ends of lines alone may stand in a text for a terminal that shows no colours; those of CSV are CRLF. */
function expectHarmless(text: string): void {
  expect(text.replaceAll(/\r?\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
}

const CONFIG = `schema: logseal/config/1
exemptions:
  - id: ${JSON.stringify(HOSTILE)}
    match: { names: [${JSON.stringify(HOSTILE)}] }
    reason: ${JSON.stringify(HOSTILE)}
    owner: ${JSON.stringify(HOSTILE)}
    expires: ${JSON.stringify(HOSTILE)}
${JSON.stringify(HOSTILE)}: 1
`;
const POLICY_CHECK = `policy check --policy policy.json --key-arn arn:aws:kms:eu-west-1:111122223333:key/1 --log-group-arn arn:aws:logs:eu-west-1:111122223333:log-group:/a`;

describe('a cloud and files in which every text is hostile do no harm on a terminal', () => {
  it.each([
    ...formatNames('scan').map((format) => `scan --format ${format}`),
    'scan --verbose',
    ...formatNames('plan').map((format) => `plan --key alias/a --format ${format}`),
    'apply --key alias/a --yes',
    ...formatNames('key-check').map((format) => `key check --key alias/a --format ${format}`),
    'key repair --key alias/a --yes',
    ...formatNames('policy-verdict').map((format) => `${POLICY_CHECK} --format ${format}`),
    'config check config.yaml',
    'scan --config config.yaml',
    'runs --journal journal.ndjson',
    'undo --journal journal.ndjson --run 1 --yes',
  ])('%s', async (words) => {
    const cwd = await aDirectory();
    const entry = aKeyEntry({ runId: '1', actor: HOSTILE, store: aLogGroup(`/${HOSTILE}`), phase: 'DONE' });
    await writeFile(join(cwd, 'config.yaml'), CONFIG);
    await writeFile(join(cwd, 'policy.json'), HOSTILE_POLICY);
    await writeFile(join(cwd, 'journal.ndjson'), `${JSON.stringify(entry)}\n`);
    const env = { ...(await aHostileCloud()), XDG_STATE_HOME: cwd };

    const { stdout, stderr } = await runLogseal(words, { env, cwd, pacing: NO_WAITS });

    expectHarmless(`${stdout}${stderr}`);
    // A journal with such texts is refused, and they are not repeated.
    if (!words.includes('journal')) expect(`${stdout}${stderr}`).toContain(MARK);
  });
});
