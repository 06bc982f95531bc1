import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { median, root } from './process.ts';

const ROUNDS = 15;
const FUNCTIONS = {
  scan: ['DescribeLogGroupsCommand'],
  remediate: ['DescribeLogGroupsCommand', 'AssociateKmsKeyCommand'],
};

/** How long each function takes to import, as Lambda does at a cold start, beside the bare SDK clients that it uses. */
export async function importBench(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'logseal-bench-'));
  for (const [name, logsCommands] of Object.entries(FUNCTIONS)) {
    const bare = join(root, `bench/.bare-${name}.ts`);
    await writeFile(bare, bareClients(logsCommands));
    const [ours, clients] = [join(directory, `${name}.mjs`), join(directory, `bare-${name}.mjs`)];
    await bundle(join(root, `functions/${name}.ts`), ours);
    await bundle(bare, clients);
    await rm(bare);
    const times: { ours: number; clients: number }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      times.push({ clients: await importMs(clients), ours: await importMs(ours) });
    const [oursMs, clientsMs] = [median(times.map((each) => each.ours)), median(times.map((each) => each.clients))];
    const ratio = median(times.map((each) => each.ours / each.clients));
    process.stdout.write(
      `import of the ${name} function: ${oursMs.toFixed(0)} ms, its bare SDK clients ${clientsMs.toFixed(0)} ms, ` +
        `ratio ${ratio.toFixed(2)} (goal 1.25); bundle ${((await stat(ours)).size / 1024).toFixed(0)} KB\n`,
    );
  }
  await rm(directory, { recursive: true });
}

/** As template.yaml has it. */
async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    format: 'esm',
    mainFields: ['module', 'main'],
    target: 'node24',
    platform: 'node',
    minify: true,
    bundle: true,
    entryPoints: [entry],
    outfile,
    logLevel: 'error',
  });
}

function bareClients(logsCommands: readonly string[]): string {
  return `
import { CloudWatchLogsClient, ${logsCommands.join(', ')} } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
export const clients = [new CloudWatchLogsClient({}), new EventBridgeClient({}), new KMSClient({}), new STSClient({})];
export const commands = [${logsCommands.join(', ')}, PutEventsCommand, DescribeKeyCommand, GetKeyPolicyCommand, GetCallerIdentityCommand];
`;
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
      LOGSEAL_MODE: 'Audit',
      LOGSEAL_KEY: 'alias/logseal',
    },
  });
  let output = '';
  for await (const chunk of child.stdout) output += chunk;
  return Number(output);
}
