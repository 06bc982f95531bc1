import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { aDesk, ROOT } from '../support/logseal.ts';

const deployed = readdirSync(ROOT).includes('deploy')
  ? readdirSync(join(ROOT, 'deploy'))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => `deploy/${name}`)
  : [];

it.each([
  ['template.yaml', ''],
  ['template.yaml', '--parameter KeyId=arn:aws:kms:eu-west-1:111122223333:key/a --region eu-west-1'],
  ...deployed.map((name) => [name, '']),
])('the templates of logseal itself pass: %s %s', async (name, options) => {
  const desk = await aDesk({});
  const { status, stdout } = await desk.run(`template check ${join(ROOT, name ?? '')} ${options} --format json`);

  expect(JSON.parse(stdout)).toMatchObject({ mistakes: [], warnings: [], summary: { nonCompliant: 0 } });
  expect(status).toBe(0);
});
