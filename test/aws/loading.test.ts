import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('clients that a scan does not need are loaded only on demand', async () => {
  const packages = `Object.keys(createRequire('/').cache).map((path) => /@aws-sdk.(client-[a-z-]+)/.exec(path)?.[1])`;
  const program = `
    import { createRequire } from 'node:module';
    const loaded = () => [...new Set(${packages})].filter(Boolean).sort();
    await import('./lib/runtime.ts');
    await import('./lib/aws/cloud.ts');
    const atStart = loaded();
    await import('./lib/aws/journal-table.ts');
    await import('@aws-sdk/client-iam');
    await import('@aws-sdk/client-resource-groups-tagging-api');
    console.log(JSON.stringify({ atStart, later: loaded() }));`;

  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    cwd: resolve(import.meta.dirname, '../..'),
  });

  const atStart = ['client-cloudwatch-logs', 'client-kms', 'client-sts'];
  expect(JSON.parse(stdout)).toEqual({
    atStart,
    later: ['client-dynamodb', 'client-iam', 'client-resource-groups-tagging-api', ...atStart].sort(),
  });
});
