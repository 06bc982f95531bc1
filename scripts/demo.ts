import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { colors } from '../lib/report/colors.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { runFunctions } from './demo-functions.ts';
import { scanLogstores } from './demo-logstores.ts';
import { type Part, part } from './demo-part.ts';

/**
 * `npm run demo`: the main job on the sandbox, in less than three screens of 80 columns and 24 lines. Every command must end with the
 * expected exit status, or else the demo fails. `npm run demo -- --report` also leaves an HTML report of the first scan.
 */
const { values } = optionsOf(process.argv.slice(2));
const REPORT = 'logseal-demo.html';
const READING_MS = 150;
const { isTTY, columns = 80 } = process.stdout;
const isColored = isTTY && !process.env['NO_COLOR'];
const paint = colors(isColored);
// The reader has closed the pipe, for instance `head`.
process.stdout.on('error', () => process.exit());
const root = resolve(import.meta.dirname, '..');
const directory = await mkdtemp(join(tmpdir(), 'logseal-demo-'));
const world = join(root, 'sandbox/worlds/demo.yaml');
const sandbox = await startSandbox({ world });

try {
  say('A small account on this machine, with every problem a log group can have.');
  const scan = values.report ? `scan --output ${REPORT}` : 'scan';
  await logseal('Which log groups have no working KMS key, and why?', 3, scan, { first: 14 });
  await logseal('Which of them can be sealed with alias/logseal?', 3, 'plan --key alias/logseal', { last: 1 });
  await logseal('Seal them.', 3, 'apply --key alias/logseal --yes --quiet', { last: 3 });
  await logseal('Scan again: 4 are left, each with a reason and a fix.', 3, 'scan', { first: 12 });
  await writeFile(join(directory, 'logseal.yaml'), exemptions());
  await logseal(
    'They have to wait. A file says why, who answers for it, and until when.',
    0,
    'scan --config logseal.yaml',
    { last: 1 },
  );
  await logseal('Take one log group back: it had no key before.', 0, 'undo --store /app/web --yes --quiet', {
    last: 3,
  });
  say('The account as it was, with the functions of template.yaml in Enforce mode:');
  await runFunctions(world, join(root, 'template.yaml'), write);
  await scanLogstores(join(root, 'sandbox/worlds/logstores.yaml'), logseal);
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
  shown: Part = {},
  environment = sandbox.environment(),
): Promise<void> {
  say(text);
  process.stdout.write(`${paint.bold(`$ logseal ${command}`)}\n`);
  const child = spawn(process.execPath, [join(root, 'cli/main.ts'), ...command.split(' ')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      ...environment,
      ...(isColored && { CLICOLOR_FORCE: '1' }),
      COLUMNS: String(columns),
      INIT_CWD: directory,
      XDG_STATE_HOME: directory,
    },
  });
  const ended = new Promise((resolveStatus) => {
    child.once('close', resolveStatus);
  });
  const [output, status] = await Promise.all([textOf(child.stdout), ended]);
  if (status !== expectedStatus)
    throw new Error(`logseal ${command}: expected exit status ${expectedStatus}, got ${status}\n${output}`);
  await write(part(output, shown, paint.dim));
}

/** On a terminal, no faster than it can be read. */
async function write(output: string): Promise<void> {
  process.stdout.write(output);
  if (isTTY) await setTimeout(READING_MS * output.split('\n').length);
}

/** An option that is none ends the demo before it begins. */
function optionsOf(args: string[]) {
  try {
    return parseArgs({ args, options: { report: { type: 'boolean', default: false } } });
  } catch {
    process.stderr.write('demo: expected nothing or --report: npm run demo -- --report\n');
    process.exit(2);
  }
}

/** Puts the report of the first scan where the demo was started. */
async function leaveReport(): Promise<void> {
  const path = resolve(process.env['INIT_CWD'] ?? '.', REPORT);
  await copyFile(join(directory, REPORT), path);
  say(`The report of the first scan is in ${path}: open it in a browser.`);
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
