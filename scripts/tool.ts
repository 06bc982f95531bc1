/** Runs one of the Python tools of `requirements.txt`: node scripts/run.mjs scripts/tool.ts sam build */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { toolsBin } from './tools-venv.ts';

const [name = '', ...words] = process.argv.slice(2);
const child = spawn(join(await toolsBin(), name), words, {
  stdio: 'inherit',
  env: { ...process.env, SAM_CLI_TELEMETRY: '0' },
});
const [status] = await once(child, 'exit');
process.exitCode = status ?? 1;
