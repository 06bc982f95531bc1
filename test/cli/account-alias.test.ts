import { expect, it } from 'vitest';
import { parseDocument, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld } from '../support/logseal.ts';

const WORLD = aWorld({ accountAlias: 'prod', groups: { '/a': null } });
const LIST = 'iam:ListAccountAliases';

it.each(['scan', 'plan --key alias/logseal'])('%s calls the account by its alias as well', async (words) => {
  const { run, sandbox } = await aDesk(WORLD);

  const { stdout } = await run(`${words} --region eu-west-1,us-east-1`);

  expect(stdout).toMatch(/ account prod \(111122223333\), eu-west-1 and us-east-1\n/);
  expect(sandbox.calls()[LIST]).toBe(1);
});

it('a document for programs has it only where people read the scan, too', async () => {
  const { run, read, sandbox } = await aDesk(WORLD);

  const { stdout } = await run('scan --format json');
  expect(sandbox.calls()).not.toHaveProperty(LIST);
  await run('scan --output scan.json --output scan.html --output scan.md');

  expect(parseDocument(scanSchema, stdout).targets[0]).not.toHaveProperty('accountAlias');
  const [target] = parseDocument(scanSchema, await read('scan.json')).targets;
  expect(target).toMatchObject({ accountAlias: 'prod', apiCalls: { [LIST]: 1 } });
  expect(await read('scan.md')).toContain('Scanned: `prod (111122223333) eu-west-1`');
  expect(await read('scan.html')).toContain('in account prod (111122223333) and Region eu-west-1');
});

it('whoever may not read it gets the id alone, and no error', async () => {
  const { run } = await aDesk({ ...WORLD, faults: [{ call: LIST, kind: 'deny' }] });

  const { status, stdout, stderr } = await run('scan');

  expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
  expect(stdout).toMatch(/^Scanned account 111122223333, eu-west-1\n/);
});
