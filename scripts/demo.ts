import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { colors } from '../lib/report/colors.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { showFunctions } from './demo-functions.ts';
import { showLogstores } from './demo-logstores.ts';

/**
 * `npm run demo`: shows everything on the sandbox. Every command must end with the expected exit status, or else the demo
 * fails. `npm run demo -- --report` also leaves an HTML report of the first scan.
 */
const { values } = parseArgs({ options: { report: { type: 'boolean', default: false } } });
const REPORT = 'logseal-demo.html';
const paint = colors(process.stdout.isTTY && !process.env['NO_COLOR']);
// The reader has closed the pipe, for instance `head`.
process.stdout.on('error', () => process.exit());
const root = resolve(import.meta.dirname, '..');
const directory = await mkdtemp(join(tmpdir(), 'logseal-demo-'));
const world = join(root, 'sandbox/worlds/demo.yaml');
const sandbox = await startSandbox({ world });

try {
  say('A sandbox on this machine serves a small account with every problem that a log group can have.');
  await logseal(
    'Which log groups have no symmetric, enabled key, and why?',
    3,
    values.report ? `scan --output ${REPORT}` : 'scan',
  );
  await logseal(
    'Which of them can be sealed with alias/logseal, and which are refused?',
    3,
    'plan --key alias/logseal',
  );
  await logseal(
    'Seal them. The journal records each change before it is made.',
    3,
    'apply --key alias/logseal --yes --quiet',
  );
  await showJournal();
  await logseal('Scan again: only the refused log groups are left. Their fixes are above.', 3, 'scan');
  await writeFile(join(directory, 'logseal.yaml'), exemptions());
  await logseal(
    'Some of them have to stay as they are for now. One file says which, why, who answers for it and until when: nothing is open.',
    0,
    'scan --config logseal.yaml',
  );
  await logseal('Why is /restricted/audit refused? Check the key policy offline.', 3, await policyCheck());
  await logseal(
    'The policy of alias/payments allows only /payments/*. Why can it not seal /app/web, and what may the caller do?',
    3,
    'key check --key alias/payments --log-group /app/web',
  );
  await logseal(
    'Repair its policy: this adds one statement and changes nothing else.',
    0,
    'key repair --key alias/payments --yes',
  );
  await logseal('Undo that, from the journal.', 0, `undo --run ${await lastRun()} --yes`);
  await logseal('Undo the last change of one log group, which had no key before.', 0, 'undo --store /app/web --yes');
  await logseal('List what has been done so far.', 0, 'runs');
  await showFunctions(world, join(root, 'template.yaml'), say);
  await showLogstores(join(root, 'sandbox/worlds/logstores.yaml'), say, logseal);
  if (values.report) await leaveReport();
} finally {
  await sandbox.close();
  await rm(directory, { recursive: true });
}

function say(text: string): void {
  process.stdout.write(`\n${paint.bold(paint.cyan(`# ${text}`))}\n`);
}

async function logseal(
  text: string,
  expectedStatus: number,
  command: string,
  environment = sandbox.environment(),
): Promise<void> {
  say(text);
  process.stdout.write(`${paint.bold(`$ logseal ${command}`)}\n`);
  const child = spawn(process.execPath, [join(root, 'cli/main.ts'), ...command.split(' ')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment, INIT_CWD: directory, XDG_STATE_HOME: directory },
  });
  const [status] = await once(child, 'exit');
  if (status !== expectedStatus)
    throw new Error(`logseal ${command}: expected exit status ${expectedStatus}, got ${status}`);
}

/** Puts the report of the first scan where the demo was started. */
async function leaveReport(): Promise<void> {
  const path = resolve(process.env['INIT_CWD'] ?? '.', REPORT);
  await copyFile(join(directory, REPORT), path);
  say(`The report of the first scan is in ${path}: open it in a browser.`);
}

async function showJournal(): Promise<void> {
  const lines = await linesOfJournal();
  process.stdout.write(`\nThe first two of ${lines.length} lines of it:\n${lines.slice(0, 2).join('\n')}\n`);
}

/** The id of the newest run in the journal. */
async function lastRun(): Promise<string> {
  const lines = await linesOfJournal();
  return JSON.parse(lines.at(-1) ?? '{}').runId;
}

async function linesOfJournal(): Promise<string[]> {
  return (await readFile(join(directory, 'logseal/111122223333.ndjson'), 'utf8')).trim().split('\n');
}

/** A configuration that exempts the log groups which are left. */
function exemptions(): string {
  const expires = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
  return `schema: logseal/config/1
exemptions:
  - id: restricted
    match: { names: ["/restricted/*", /ops/locked] }
    reason: The security team has not admitted CloudWatch Logs to these yet
    owner: security@example.com
    expires: ${expires}
  - id: partner
    match: { names: [/partner/private] }
    reason: The key is our partner's, who does not let us describe it
    owner: partners@example.com
    expires: ${expires}
`;
}

/** Writes the configured key's policy to a file. @returns the command that checks it */
async function policyCheck(): Promise<string> {
  const environment = sandbox.environment();
  const kms = new KMSClient({
    endpoint: sandbox.url,
    region: environment['AWS_REGION'] ?? '',
    credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: 'sandbox' },
  });
  const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/logseal' }));
  const { Policy: policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId: key?.KeyId }));
  await writeFile(join(directory, 'policy.json'), policy);
  const logGroupArn = 'arn:aws:logs:eu-west-1:111122223333:log-group:/restricted/audit';
  return `policy check --policy policy.json --key-arn ${key?.Arn} --log-group-arn ${logGroupArn}`;
}
