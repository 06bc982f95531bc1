import { expect, it } from 'vitest';
import { longRetryNotice } from '../../cli/long-retry.ts';
import { aHost } from '../support/host.ts';

it('says once in five seconds that a call is tried again, and why', () => {
  const { host, stderr } = aHost();
  let now = 0;
  const notice = longRetryNotice(host.err, () => now);

  for (now of [0, 1_000, 4_999, 5_000]) notice('ThrottlingException', 2_600);

  expect(stderr()).toBe('ThrottlingException: trying again in 3 s\n'.repeat(2));
});
