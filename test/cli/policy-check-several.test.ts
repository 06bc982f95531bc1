import { expect, it } from 'vitest';
import { aLogGroup, aLogsPolicy } from '../support/builders.ts';
import { parseDocument, verdictSchema, verdictsSchema } from '../support/documents.ts';
import { linesOf } from '../support/logseal.ts';
import { checkPolicy, KEY } from './check-policy.ts';

const [A, B, OTHER] = ['/app/a', '/app/b', '/other'].map((name) => aLogGroup(name).arn);
const wordsFor = (arns: readonly unknown[], more = '--format json') =>
  `policy check --policy policy.json --key-arn ${KEY} ${arns.map((arn) => `--log-group-arn ${arn}`).join(' ')} ${more}`;
const POLICY = aLogsPolicy('/app/*');

it('each log group gets the verdict that it gets alone', async () => {
  const { status, stdout } = await checkPolicy(POLICY, wordsFor([A, OTHER, B]));

  const alone = await Promise.all(
    [A, OTHER, B].map(async (arn) => {
      const { schema: _, ...verdict } = parseDocument(
        verdictSchema,
        (await checkPolicy(POLICY, wordsFor([arn]))).stdout,
      );
      return { logGroupArn: arn, ...verdict };
    }),
  );
  expect(status).toBe(3);
  expect(parseDocument(verdictsSchema, stdout)).toEqual({ schema: 'logseal/policy-verdicts/1', verdicts: alone });
});

it('the exit status is 0 if every verdict is ALLOWED', async () => {
  expect((await checkPolicy(POLICY, wordsFor([A, B]))).status).toBe(0);
});

it('a log group that is named twice counts once', async () => {
  const { status, stdout } = await checkPolicy(POLICY, wordsFor([A, `${A}:*`, B, A]));

  expect(status).toBe(0);
  expect(parseDocument(verdictsSchema, stdout).verdicts.map(({ logGroupArn }) => logGroupArn)).toEqual([A, B]);
});

it.each([
  ['in the same way', [A, A]],
  ['in two ways', [A, `${A}:*`]],
])('one log group that is named twice %s is a list of one verdict', async (_, arns) => {
  const { stdout } = await checkPolicy(POLICY, wordsFor(arns));

  expect(parseDocument(verdictsSchema, stdout).verdicts).toMatchObject([{ logGroupArn: A, verdict: 'ALLOWED' }]);
});

it('NDJSON has a line for each', async () => {
  const { stdout } = await checkPolicy(POLICY, wordsFor([A, OTHER], '--format ndjson'));

  expect(linesOf(stdout)).toMatchObject([
    { logGroupArn: A, verdict: 'ALLOWED' },
    { logGroupArn: OTHER, verdict: 'MISSING_ACTIONS' },
    { schema: 'logseal/policy-verdicts-summary/1' },
  ]);
});

it('the table shows each, and how many are ALLOWED', async () => {
  const { stdout } = await checkPolicy(POLICY, wordsFor([A, OTHER], ''));

  expect(stdout).toContain(`${A}\nALLOWED\n`);
  expect(stdout).toContain(`${OTHER}\nMISSING_ACTIONS\n`);
  expect(stdout).toContain('\n1 of 2 log groups ALLOWED\n');
});

it('what is no policy is explained once in the table', async () => {
  const { status, stdout } = await checkPolicy('', wordsFor([A, B], ''));

  expect(status).toBe(3);
  expect(stdout).toMatch(
    new RegExp(`^${A}\n${B}\nMALFORMED\n\n.*MALFORMED_POLICY: .*\n\n0 of 2 log groups ALLOWED\n$`),
  );
});

it.each([
  ['with the query results', wordsFor([A, B], '--query-results 111122223333'), 'got both'],
  ['with one that is no ARN', wordsFor([A, '/app/b']), '--log-group-arn: expected a log group ARN'],
])('several log groups %s are a mistake', async (_, words, mistake) => {
  const { status, stdout, stderr } = await checkPolicy(POLICY, words);

  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(mistake);
});
