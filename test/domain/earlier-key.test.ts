import { describe, expect, it } from 'vitest';
import { untrustedKey } from '../../lib/domain/earlier-key.ts';
import type { LogStore } from '../../lib/domain/log-store.ts';
import { SERVICE_KEY } from '../../lib/domain/stores/logstore.ts';
import { ACCOUNT, aKeyArn, aLogGroup, OTHER_ACCOUNT } from '../support/builders.ts';

const STORE = aLogGroup();
const LOGSTORE: LogStore = { ...STORE, provider: 'alibaba', account: '', type: 'logstore', name: 'project/store' };

describe('a key that a journal names', () => {
  it.each<[string, string, LogStore]>([
    ["is one of the log store's account", aKeyArn(), STORE],
    ['is in another Region, which is found out elsewhere', aKeyArn('x', { region: 'us-east-1' }), STORE],
    ['is a CMK, which names no account', '0f8a0b1c-1111-2222-3333-444455556666', LOGSTORE],
    ['is the key of SLS', SERVICE_KEY, LOGSTORE],
  ])('may be attached again if it %s', (_, key, store) => {
    expect(untrustedKey(key, store, [])).toBe(null);
  });

  it('is not attached again if it is of another account', () => {
    const key = aKeyArn('hub', { account: OTHER_ACCOUNT });

    expect(untrustedKey(key, STORE, ['999988887777'])).toMatchObject({
      code: 'JOURNAL_NOT_TRUSTED',
      message: `the earlier key in the journal, ${key}, belongs to account ${OTHER_ACCOUNT}, and the log store to account ${ACCOUNT}`,
      fix: expect.stringContaining('by hand'),
    });
  });

  it('may be attached again if it is of another account that is trusted', () => {
    const key = aKeyArn('hub', { account: OTHER_ACCOUNT });

    expect(untrustedKey(key, STORE, [OTHER_ACCOUNT])).toBe(null);
  });

  it.each([
    'alias/logseal',
    'arn:aws:kms:eu-west-1:111122223333:alias/logseal',
    '1234abcd-12ab-34cd-56ef-1234567890ab',
    'arn:aws:kms:eu-west-1:111122223333:key/a\u001b[2K',
    '',
  ])('is none if it is %j, and the message has no control character of it', (key) => {
    const refusal = untrustedKey(key, STORE, []);

    expect(refusal?.code).toBe('JOURNAL_NOT_TRUSTED');
    expect(refusal?.message).toMatch(/^what the journal has as the earlier key is none: expected a key ARN/);
    expect(refusal?.message).not.toMatch(/\p{Cc}/u);
  });
});
