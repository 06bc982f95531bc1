import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import environment from '../../events/env.json' with { type: 'json' };
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { cleanEnvironment, ended, ROOT } from '../support/logseal.ts';
import { startRelay } from './relay.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of the template that was built for sam local. */
    localTemplate: string;
    /** Variables that lead SAM CLI to the container engine. */
    engineEnvironment: Record<string, string>;
    /** The address of this machine for its containers, unless the engine provides it. */
    bridge: string | undefined;
  }
}

/** The result of an invocation. SAM CLI's exit status says nothing about the function. */
export interface Invocation {
  readonly status: number | null;
  /** What the handler returned, or `{ errorType, errorMessage }`. */
  readonly answer: unknown;
  readonly stderr: string;
}

/** The command of docs/sandbox.md. */
export function commandLine(functionId: string, event: string, envVars = 'events/env.json'): string[] {
  return ['sam', 'local', 'invoke', functionId, '--event', event, '--env-vars', envVars];
}

/** Runs the command of docs/sandbox.md with the port of this sandbox. */
export async function invokeLocally(functionId: string, event: string, sandbox: Sandbox): Promise<Invocation> {
  // Not removed by a hook, because tests run concurrently.
  const directory = await mkdtemp(join(tmpdir(), 'logseal-local-'));
  const envVars = join(directory, 'env.json');
  await writeFile(envVars, JSON.stringify(environment).replace(':4566', `:${sandbox.port}`));
  const bridge = inject('bridge');
  const stopRelay = bridge ? await startRelay(bridge, sandbox.port) : undefined;
  const host = stopRelay ? ['--add-host', `host.docker.internal:${bridge}`] : [];
  const words = [...commandLine(functionId, event, envVars), '--template', inject('localTemplate'), ...host];
  const env = cleanEnvironment({ ...sandbox.environment(), ...inject('engineEnvironment') }, ROOT);
  const child = spawn(process.execPath, [join(ROOT, 'scripts/run.mjs'), 'scripts/tool.ts', ...words], {
    ...{ cwd: ROOT, env, stdio: 'pipe' },
  });
  child.stdin.end();
  const { status, stdout, stderr } = await ended(child);
  await stopRelay?.();
  await rm(directory, { recursive: true });
  return { status, answer: stdout.trim() ? JSON.parse(stdout) : undefined, stderr };
}
