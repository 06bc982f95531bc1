import { expect } from 'vitest';
import { aKeyArn, aLogGroup } from '../support/builders.ts';
import { parseDocument, verdictSchema } from '../support/documents.ts';
import { aDesk, aWorld, type RunOptions } from '../support/logseal.ts';

export const KEY = aKeyArn('1234abcd-12ab-34cd-56ef-1234567890ab');
export const GROUP = aLogGroup('/app/a').arn;
export const CHECK = `policy check --key-arn ${KEY} --log-group-arn ${GROUP} --format json`;

/** Checks a policy that is in the file policy.json. */
export async function checkPolicy(
  policy: string | Uint8Array,
  words = `${CHECK} --policy policy.json`,
  options: RunOptions = {},
) {
  const desk = await aDesk(aWorld());
  await desk.write('policy.json', policy);
  const ran = await desk.run(words, options);
  expect(desk.sandbox.calls()).toEqual({});
  return { ...ran, desk };
}

/** The one message about a file that is no well-formed policy. */
export async function malformedMessage(policy: string | Uint8Array): Promise<string> {
  const { status, stdout, stderr } = await checkPolicy(policy);
  const document = parseDocument(verdictSchema, stdout);
  expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
  expect(document).toMatchObject({ verdict: 'MALFORMED', missingActions: [], denyingStatement: null, repair: null });
  const [warning, ...others] = document.warnings;
  expect({ code: warning?.code, others }).toEqual({ code: 'MALFORMED_POLICY', others: [] });
  return (warning?.message ?? '').replace('AWS would refuse this policy: ', '');
}
