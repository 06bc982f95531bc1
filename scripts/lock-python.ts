/**
 * Writes each `requirements*.txt` anew from its `requirements*.in`, which names what is wanted, with all that this needs for Python 3.10
 * and later on every platform, and the hashes of all their archives: `node scripts/run.mjs scripts/lock-python.ts`
 */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toolsBin } from './tools-venv.ts';

const THIS = 'node scripts/run.mjs scripts/lock-python.ts';
const root = join(import.meta.dirname, '..');
const uv = join(await toolsBin(), 'uv');
for (const input of (await readdir(root)).filter((name) => /^requirements.*\.in$/.test(name))) {
  const output = input.replace(/\.in$/, '.txt');
  process.stdout.write(`${output}\n`);
  const words = ['pip', 'compile', input, '--output-file', output, '--quiet', '--no-annotate', '--universal'];
  const how = ['--python-version', '3.10', '--generate-hashes', '--custom-compile-command', THIS];
  await promisify(execFile)(uv, [...words, ...how], { cwd: root });
}
