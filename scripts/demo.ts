import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { colors } from '../lib/report/colors.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { showFunctions } from './demo-functions.ts';
import { showLogstores } from './demo-logstores.ts';

/**
 * `npm run demo`: the whole story on the sandbox. A command that ends with another exit status than the story says ends
 * the demo with an error.
 */
const paint = colors(process.stdout.isTTY && !process.env['NO_COLOR']);
// Whoever reads has seen enough, as `head` does.
process.stdout.on('error', () => process.exit());
const root = resolve(import.meta.dirname, '..');
const directory = await mkdtemp(join(tmpdir(), 'logseal-demo-'));
const world = join(root, 'sandbox/worlds/demo.yaml');
const sandbox = await startSandbox({ world });

try {
  say('A small account with every trouble a log group can have, served by a sandbox on this machine.');
  await logseal('Which log groups lack a symmetric, enabled key, and why?', 3, 'scan');
  await logseal(
    'What would sealing them with alias/logseal do, and what would be refused?',
    3,
    'plan --key alias/logseal',
  );
  await logseal(
    'Seal them. Each change is journalled before it is made.',
    3,
    'apply --key alias/logseal --yes --quiet',
  );
  await showJournal();
  await logseal('The same account again: what is left is what was refused, with its fix above.', 3, 'scan');
  await logseal('Why is /restricted/audit refused? The key policy, offline, action by action.', 3, await policyCheck());
  await logseal(
    'alias/payments is for /payments/* alone. What keeps it from sealing /app/web, the rights of the caller included?',
    3,
    'key check --key alias/payments --log-group /app/web',
  );
  await logseal(
    'Repair its policy: one statement is added, all else stays.',
    0,
    'key repair --key alias/payments --yes',
  );
  await logseal('And back, by the journal.', 0, `undo --run ${await lastRun()} --yes`);
  await logseal('The last change of one log group, back too: it had no key.', 0, 'undo --store /app/web --yes');
  await showFunctions(world, join(root, 'template.yaml'), say);
  await showLogstores(join(root, 'sandbox/worlds/logstores.yaml'), say, logseal);
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
    env: { ...process.env, ...environment, INIT_CWD: directory },
  });
  const [status] = await once(child, 'exit');
  if (status !== expectedStatus)
    throw new Error(`logseal ${command}: expected exit status ${expectedStatus}, got ${status}`);
}

async function showJournal(): Promise<void> {
  const lines = (await readFile(join(directory, 'logseal-journal.ndjson'), 'utf8')).trim().split('\n');
  process.stdout.write(
    `\nlogseal-journal.ndjson, the first two of ${lines.length} lines:\n${lines.slice(0, 2).join('\n')}\n`,
  );
}

/** The run that wrote to the journal last. */
async function lastRun(): Promise<string> {
  const lines = (await readFile(join(directory, 'logseal-journal.ndjson'), 'utf8')).trim().split('\n');
  return JSON.parse(lines.at(-1) ?? '{}').runId;
}

/** The configured key's policy as KMS has it, in a file, and the command that judges it. */
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
