import { expect, test } from 'vitest';
import type { ReadConfiguration } from '../../lib/config/read-configuration.ts';
import { configReader, noConfigFile, readOrRetry } from '../../lib/lambda/config-reader.ts';
import { CONFIG_LASTS_MS } from '../../lib/pacing.ts';
import { NOW } from '../support/builders.ts';
import { anExemption } from '../support/configuration.ts';
import { aCloudError } from '../support/fake-cloud.ts';

const RIGHT: ReadConfiguration = {
  status: 'READ',
  configuration: { exemptions: [anExemption()], keys: [] },
  lines: { exemptions: [3], keys: [] },
  warnings: [],
};
const DENIED: ReadConfiguration = { status: 'UNREADABLE', failure: aCloudError('ACCESS_DENIED', 'no') };
const THROTTLED: ReadConfiguration = { status: 'UNREADABLE', failure: aCloudError('THROTTLED', 'slow down') };
const mistakes = (count: number): ReadConfiguration => ({
  status: 'MISTAKES',
  mistakes: Array.from({ length: count }, (_, index) => ({ line: index + 1, column: 1, message: 'x'.repeat(400) })),
});

/** A file that is answered for in turn; the last answer is repeated. */
function aFile(...answers: readonly ReadConfiguration[]) {
  let now = NOW.getTime();
  const readAt: number[] = [];
  const seen: ReadConfiguration[] = [];
  const read = configReader({
    where: 'ssm:config',
    read: async (at) => {
      readAt.push(at.getTime() - NOW.getTime());
      return answers[Math.min(readAt.length, answers.length) - 1] as ReadConfiguration;
    },
    clock: () => new Date(now),
    onRead: (file) => seen.push(file),
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { read, readAt, seen, pass };
}

test('a file is read when it is first needed, and at most once a minute, by however many at once', async () => {
  const { read, readAt, seen, pass } = aFile(RIGHT);
  expect(readAt).toEqual([]);

  const [one] = await Promise.all([read(), read(), read()]);
  pass(CONFIG_LASTS_MS - 1);
  await read();
  expect(readAt).toEqual([0]);
  pass(1);
  await read();

  expect(one).toMatchObject({
    status: 'READ',
    unreadConfiguration: null,
    configuration: { exemptions: [anExemption()] },
  });
  expect(readAt).toEqual([0, CONFIG_LASTS_MS]);
  expect(seen).toEqual([RIGHT, RIGHT]);
});

test('a failure lasts as long, and nothing that was read before takes its place', async () => {
  const { read, readAt, pass } = aFile(RIGHT, DENIED, RIGHT);
  await read();
  pass(CONFIG_LASTS_MS);

  expect(await read()).toMatchObject({
    status: 'UNREADABLE',
    configuration: { exemptions: [], keys: [] },
    unreadConfiguration: { code: 'ACCESS_DENIED', isTransient: false },
  });
  await read();
  expect(readAt).toHaveLength(2);
  pass(CONFIG_LASTS_MS);
  expect(await read()).toMatchObject({ status: 'READ' });
});

test('mistakes are a failure that no retry changes, and what refusals repeat of them is short', async () => {
  const { unreadConfiguration } = await aFile(mistakes(1_000)).read();

  expect(unreadConfiguration).toMatchObject({
    call: 'ssm:config',
    message: expect.stringMatching(/^line 1: x+; line 2: x+; line 3: x+; and 997 more mistakes$/),
    isTransient: false,
    fix: expect.stringContaining('logseal config check'),
  });
  expect(unreadConfiguration?.message.length).toBeLessThan(1_000);
  expect((await aFile(mistakes(1)).read()).unreadConfiguration?.message).not.toContain('more');
});

test('what passes is left to another attempt as long as there is one', async () => {
  const { read } = aFile(THROTTLED);

  await expect(readOrRetry(read, false)).rejects.toMatchObject({ isTransient: true, message: 'slow down' });
  expect(await readOrRetry(read, true)).toMatchObject({ status: 'UNREADABLE', unreadConfiguration: THROTTLED.failure });
  expect(await readOrRetry(aFile(DENIED).read, false)).toMatchObject({ status: 'UNREADABLE' });
});

test('without a file nothing is read, and nothing is exempt', async () => {
  expect(await noConfigFile()).toMatchObject({
    status: null,
    unreadConfiguration: null,
    configuration: { exemptions: [] },
  });
});
