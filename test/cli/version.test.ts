import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, runLogseal } from '../support/logseal.ts';

it('--version prints the version of package.json, and nothing else', async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));

  expect(await runLogseal('--version')).toEqual({ status: 0, stdout: `logseal ${version}\n`, stderr: '' });
});
