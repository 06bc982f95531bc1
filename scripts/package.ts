/** `npm run package`: makes `logseal-VERSION.tgz` in the root of the checkout, an npm package that depends on no other. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pack } from './package/pack.ts';

const work = await mkdtemp(join(tmpdir(), 'logseal-package-'));
try {
  const archive = basename(await pack(work, resolve(import.meta.dirname, '..')));
  process.stdout.write(`${archive} is ready. Run: npx ./${archive} scan\n`);
} finally {
  await rm(work, { recursive: true });
}
