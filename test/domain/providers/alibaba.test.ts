import { describe, expect, it } from 'vitest';
import { ALIBABA, accountOfRole, parseCmk, slsRoleMistake } from '../../../lib/domain/providers/alibaba.ts';
import { SERVICE_KEY } from '../../../lib/domain/stores/logstore.ts';

const HERE = ['cn-hangzhou'];
const CMK_ARN = 'acs:kms:cn-hangzhou:1234567890123456:key/key-hzz1';

describe('a CMK', () => {
  it('can be named by its id, or by its ARN, which names the Region too', () => {
    expect(parseCmk('key-hzz1')).toEqual({ id: 'key-hzz1', region: undefined });
    expect(parseCmk(CMK_ARN)).toEqual({ id: 'key-hzz1', region: 'cn-hangzhou' });
    for (const key of ['key-hzz1', CMK_ARN]) expect(ALIBABA.keyMistake(key, HERE)).toBeUndefined();
  });

  it('is taken by its id, however it was named', () => {
    expect(ALIBABA.keyOf(CMK_ARN)).toBe('key-hzz1');
    expect(ALIBABA.keyOf('key-hzz1')).toBe('key-hzz1');
    expect(ALIBABA.keyOf('a b')).toBe('a b');
  });

  it.each(['', 'a b', '-key', 'alias/logseal', `${CMK_ARN}/x`, 'key-hzz1\n', 'x'.repeat(129)])(
    'cannot be named %j',
    (key) => {
      expect(parseCmk(key)).toBeUndefined();
      expect(ALIBABA.keyMistake(key, HERE)).toBe(
        `expected the id or the ARN of a CMK of Alibaba Cloud, got ${JSON.stringify(key)}`,
      );
    },
  );

  it('is never the service key', () => {
    expect(ALIBABA.keyMistake(SERVICE_KEY, HERE)).toBe('expected a CMK; for a key of SLS use --service-key');
  });

  it('must be in the Region of every Logstore', () => {
    expect(ALIBABA.keyMistake(CMK_ARN, ['cn-beijing', ...HERE, 'cn-shanghai'])).toBe(
      `${CMK_ARN} is in cn-hangzhou, but the logs are in cn-beijing; ` +
        `${CMK_ARN} is in cn-hangzhou, but the logs are in cn-shanghai`,
    );
  });
});

describe('a role for SLS', () => {
  it('is named by its ARN, which names the account', () => {
    expect(slsRoleMistake('acs:ram::1234567890123456:role/logs')).toBeUndefined();
    expect(accountOfRole('acs:ram::1234567890123456:role/logs')).toBe('1234567890123456');
  });

  it.each(['', 'logs', 'acs:ram::x:role/logs', 'acs:ram::1:role/', 'acs:ram::1:user/ann', 'arn:aws:iam::1:role/logs'])(
    'cannot be named %j',
    (role) => {
      expect(slsRoleMistake(role)).toBe(
        `expected a role ARN such as acs:ram::123456789012:role/NAME, got ${JSON.stringify(role)}`,
      );
      expect(accountOfRole(role)).toBe('');
    },
  );
});
