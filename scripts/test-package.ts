/** Makes the package, installs it into an empty folder without a network, and runs test/package/*.package.ts against it. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runTests } from '../test/deploy/run-tests.ts';
import { say } from '../test/deploy/say.ts';
import { withCleanUp } from '../test/deploy/with-clean-up.ts';
import { pack } from './package/pack.ts';

await withCleanUp(async (directory) => {
  say('Making the package');
  const archive = await pack(join(directory, 'work'), directory);
  say('Installing it into an empty folder');
  const installation = join(directory, 'installation');
  await mkdir(installation);
  const words = [
    'install',
    '--offline',
    '--cache',
    join(directory, 'cache'),
    '--no-audit',
    '--no-fund',
    '--prefix',
    installation,
  ];
  await promisify(execFile)('npm', [...words, archive], { cwd: installation });
  await runTests('test/package/*.package.ts', process.argv.slice(2), { provide: { archive, installation } });
});
