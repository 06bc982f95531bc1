import { expect, it } from 'vitest';
import { longRetryNotice } from '../../cli/long-retry.ts';
import { aHost } from '../support/host.ts';

it('says once in five seconds that a call waits to be tried again, and why', () => {
  const { host, stderr } = aHost();
  let now = 0;
  const notice = longRetryNotice(host.err, () => now);

  for (now of [0, 1_000, 4_999, 5_000]) notice('ThrottlingException');

  expect(stderr()).toBe('ThrottlingException: waiting to try again\n'.repeat(2));
});
