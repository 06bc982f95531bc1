/** Runs the tests that need Python tools (`*.tools.test.ts`), after installing these into a virtual environment. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { toolsBin } from './tools-venv.ts';

try {
  await toolsBin();
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '.tools.test.ts', ...process.argv.slice(2)];
  const child = spawn(process.execPath, vitest, {
    stdio: 'inherit',
    env: { ...process.env, LOGSEAL_TOOLS_TESTS: '1' },
  });
  const [code] = await once(child, 'close');
  process.exitCode = code ?? 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
