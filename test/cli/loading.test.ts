import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { ROOT } from '../support/logseal.ts';

test('what reads YAML is loaded only where there is a configuration to read', async () => {
  const program = `
    import { createRequire } from 'node:module';
    const isLoaded = () => Object.keys(createRequire('/').cache).some((path) => path.includes('/yaml/'));
    for (const name of ['scan', 'plan', 'apply']) await import('./cli/commands/' + name + '.ts');
    const atStart = isLoaded();
    await import('./lib/config/config-file.ts');
    console.log(JSON.stringify([atStart, isLoaded()]));`;

  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { cwd: ROOT });

  expect(JSON.parse(stdout)).toEqual([false, true]);
});
