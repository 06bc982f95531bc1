import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { toolsBin } from '../../scripts/tools-venv.ts';
import { cleanEnvironment, ended, ROOT } from '../support/logseal.ts';
import { say } from './say.ts';
import type { Endpoint } from './signed-call.ts';

/** Runs SAM CLI against an endpoint. @returns its standard output. @throws Error with all its output when it fails */
export async function sam(words: readonly string[], endpoint?: Endpoint): Promise<string> {
  const bin = await toolsBin();
  const account = endpoint && {
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_REGION: endpoint.region,
    AWS_DEFAULT_REGION: endpoint.region,
    AWS_ACCESS_KEY_ID: endpoint.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: endpoint.credentials.secretAccessKey,
  };
  say(`  sam ${words.join(' ')}`);
  // sam build finds esbuild in the PATH.
  const path = [dirname(process.execPath), join(ROOT, 'node_modules/.bin'), bin, process.env['PATH']];
  const env = { SAM_CLI_TELEMETRY: '0', PATH: path.join(delimiter), ...account };
  const child = spawn(join(bin, 'sam'), words, { cwd: ROOT, env: cleanEnvironment(env, ROOT), stdio: 'pipe' });
  child.stdin.end();
  const { status, stdout, stderr } = await ended(child);
  if (status !== 0) throw new Error(`sam ${words[0]} ended with status ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Builds template.yaml. @returns the built template's path */
export async function build(directory: string): Promise<string> {
  await sam(['build', '--build-dir', directory]);
  return join(directory, 'template.yaml');
}

interface Template {
  readonly Resources: Record<string, { Properties: { Environment?: { Variables?: Record<string, unknown> } } }>;
}

/**
 * Writes the template to deploy, next to the built one. It differs in that the functions get endpoints for CloudWatch Logs and KMS.
 * @param endpointOf the endpoint for a function, by its logical id
 * @returns the path of the template
 */
export async function forEmulator(
  builtTemplate: string,
  name: string,
  endpointOf: (functionId: string) => string,
): Promise<string> {
  const template: Template = parse(await readFile(builtTemplate, 'utf8'));
  for (const id of ['ScanFunction', 'RemediateFunction']) {
    const { Properties } = template.Resources[id] ?? { Properties: {} };
    const endpoints = { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpointOf(id), AWS_ENDPOINT_URL_KMS: endpointOf(id) };
    Properties.Environment = { Variables: { ...Properties.Environment?.Variables, ...endpoints } };
  }
  const path = join(dirname(builtTemplate), `${name}.yaml`);
  await writeFile(path, stringify(template));
  return path;
}
