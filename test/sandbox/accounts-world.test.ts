import { expect, it } from 'vitest';
import { OWN_WORLDS } from '../../sandbox/own-worlds.ts';
import { parseDocument, scanSchema } from '../support/documents.ts';
import { aDesk } from '../support/logseal.ts';

const ROLE = '--role-name logseal-member --external-id try-it --all-regions --format json';
const THREE = '--account 111122223333 --account 444455556666 --account 777788889999';

it('The world of three accounts has what docs/estate.md says', async () => {
  const { run } = await aDesk(OWN_WORLDS.get('accounts') ?? '');

  const { status, stdout } = await run(`scan ${THREE} ${ROLE}`);
  const refused = await run(`scan --account 222233334444 ${ROLE}`);

  const { summary, findings } = parseDocument(scanSchema, stdout);
  expect([status, summary.nonCompliant, summary.stores]).toEqual([3, 6, 8]);
  expect(new Set(findings.map(({ account }) => account)).size).toBe(3);
  const [target] = parseDocument(scanSchema, refused.stdout).targets;
  expect([refused.status, target?.error?.code]).toEqual([1, 'ROLE_REFUSED']);
});
