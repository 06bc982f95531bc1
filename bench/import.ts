import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { median, root } from './process.ts';

const ROUNDS = 15;
const LOGS = '@aws-sdk/client-cloudwatch-logs';
/** The parts of the SDK that each function loads when it starts. */
const COMMON = {
  '@aws-sdk/client-eventbridge': ['EventBridgeClient', 'PutEventsCommand'],
  '@aws-sdk/client-kms': ['KMSClient', 'DescribeKeyCommand', 'GetKeyPolicyCommand'],
  '@aws-sdk/client-sts': ['STSClient', 'GetCallerIdentityCommand'],
};
const FUNCTIONS = {
  scan: {
    ...COMMON,
    [LOGS]: ['CloudWatchLogsClient', 'DescribeLogGroupsCommand'],
    '@aws-sdk/client-dynamodb': ['DynamoDBClient', 'UpdateItemCommand'],
  },
  remediate: {
    ...COMMON,
    [LOGS]: ['CloudWatchLogsClient', 'DescribeLogGroupsCommand', 'AssociateKmsKeyCommand'],
    '@aws-sdk/client-dynamodb': ['DynamoDBClient', 'PutItemCommand'],
  },
};

/** Compares importing each function, as Lambda does at a cold start, with importing only the SDK clients that it uses. */
export async function importBench(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-bench-'));
  for (const [name, packages] of Object.entries(FUNCTIONS)) {
    const bare = join(root, `bench/.bare-${name}.ts`);
    await writeFile(bare, bareClients(packages));
    const ours = await bundle(join(root, `functions/${name}.ts`), join(directory, name));
    const clients = await bundle(bare, join(directory, `bare-${name}`));
    await rm(bare);
    const times: { ours: number; clients: number }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      times.push({ clients: await importMs(clients), ours: await importMs(ours) });
    const [oursMs, clientsMs] = [median(times.map((each) => each.ours)), median(times.map((each) => each.clients))];
    const ratio = median(times.map((each) => each.ours / each.clients));
    process.stdout.write(
      `import of the ${name} function: ${oursMs.toFixed(0)} ms, its bare SDK clients ${clientsMs.toFixed(0)} ms, ` +
        `ratio ${ratio.toFixed(2)} (goal 1.25); its entry ${((await stat(ours)).size / 1024).toFixed(0)} KB\n`,
    );
  }
  await rm(directory, { recursive: true });
}

function bareClients(packages: Readonly<Record<string, readonly string[]>>): string {
  const imports = Object.entries(packages).map(([name, names]) => `import { ${names.join(', ')} } from '${name}';\n`);
  const names = Object.values(packages).flat();
  const clients = names.filter((name) => name.endsWith('Client')).map((name) => `new ${name}({})`);
  const commands = names.filter((name) => name.endsWith('Command'));
  return `${imports.join('')}export const clients = [${clients.join(', ')}];\nexport const commands = [${commands.join(', ')}];\n`;
}

async function importMs(file: string): Promise<number> {
  const script = `const t = performance.now(); await import(${JSON.stringify(file)}); process.stdout.write(String(performance.now() - t))`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      AWS_REGION: 'eu-west-1',
      LOGSEAL_REGIONS: 'eu-west-1',
      LOGSEAL_BUS: 'logseal',
      LOGSEAL_QUERY_RESULTS: 'false',
      LOGSEAL_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/queue',
      LOGSEAL_JOURNAL_TABLE: 'journal',
      LOGSEAL_SCAN_TABLE: 'scans',
      LOGSEAL_MODE: 'Audit',
      LOGSEAL_KEY: 'alias/logseal',
    },
  });
  let output = '';
  for await (const chunk of child.stdout) output += chunk;
  return Number(output);
}
