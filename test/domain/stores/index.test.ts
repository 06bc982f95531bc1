import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogStoreType } from '../../../lib/domain/log-store.ts';
import {
  kindOf,
  LOG_STORE_TYPES,
  logStoreNamed,
  logStoreOf,
  nounOf,
  storeNameMistake,
} from '../../../lib/domain/stores/index.ts';
import type { Target } from '../../../lib/domain/target.ts';
import { ACCOUNT, TARGET } from '../../support/builders.ts';

const ALIBABA: Target = { provider: 'alibaba', account: '1234567890123456', region: 'cn-hangzhou' };

/** One name of each kind. A kind without a line here does not compile. */
const EXAMPLES: Readonly<Record<LogStoreType, { target: Target; name: string; arn: string }>> = {
  'log-group': { target: TARGET, name: '/app/a', arn: `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/app/a` },
  'query-results': {
    target: TARGET,
    name: 'query-result:*',
    arn: `arn:aws:logs:eu-west-1:${ACCOUNT}:query-result:*`,
  },
  logstore: {
    target: ALIBABA,
    name: 'app-logs/web',
    arn: 'acs:log:cn-hangzhou:1234567890123456:project/app-logs/logstore/web',
  },
};

it('every type has a kind', () => {
  expect(LOG_STORE_TYPES).toEqual(Object.keys(EXAMPLES));
});

describe.each(LOG_STORE_TYPES)('a %s', (type) => {
  const { target, name, arn } = EXAMPLES[type];
  const kind = kindOf({ type });

  it('has the kind of its type and provider', () => {
    expect(kind.type).toBe(type);
    expect(kind.provider).toBe(target.provider);
  });

  it('is made of its target and name, and has an ARN', () => {
    expect(logStoreOf(type, 'aws', target, name)).toEqual({ ...target, type, name, arn });
  });

  it('is found by its name', () => {
    expect(kind.nameMistake(name)).toBeUndefined();
    expect(storeNameMistake(target.provider, name)).toBeUndefined();
    expect(logStoreNamed('aws', target, name)).toEqual({ ...target, type, name, arn });
  });

  it('keeps nothing of its target but the three fields', () => {
    expect(logStoreOf(type, 'aws', { ...target, ...{ status: 'COMPLETE' } }, name)).not.toHaveProperty('status');
  });

  it('names the rights that reading it takes', () => {
    expect(kind.readingRights).toMatch(/^(logs|log):[A-Z]/);
  });

  it('has words for people', () => {
    expect(nounOf(kind.provider)).toContain(kind.noun);
    expect(kind.serviceName).toMatch(/^[A-Z]+$/);
    expect(kind.neverConfigured !== null).toBe(kind.configuresForGood);
  });

  it.each(['', 'a b', 'a\n'])('cannot be named %j, and the mistake says what is expected', (wrong) => {
    expect(kind.nameMistake(wrong)).toBe(
      `${kind.nameMistake(wrong)?.split(', got ')[0]}, got ${JSON.stringify(wrong)}`,
    );
    expect(kind.nameMistake(wrong)).toMatch(/^expected /);
  });
});

describe('a name', () => {
  it('that no kind of the provider can have finds nothing', () => {
    expect(logStoreNamed('aws', TARGET, 'a b')).toBeUndefined();
    expect(logStoreNamed('aws', TARGET, '')).toBeUndefined();
    expect(logStoreNamed('acs', ALIBABA, '/app/a')).toBeUndefined();
    expect(logStoreNamed('acs', ALIBABA, 'query-result:*')).toBeUndefined();
  });

  it('that no kind of the provider can have is a mistake in the words of its first kind', () => {
    expect(storeNameMistake('aws', 'a b')).toBe('expected the name of a log group, got "a b"');
    expect(storeNameMistake('alibaba', '/app/a')).toBe('expected PROJECT/LOGSTORE, got "/app/a"');
  });

  it('is one of a log group for AWS where it would be one of a Logstore for Alibaba Cloud', () => {
    expect(logStoreNamed('aws', TARGET, 'app-logs/web')?.type).toBe('log-group');
    expect(logStoreNamed('acs', ALIBABA, 'app-logs/web')?.type).toBe('logstore');
  });

  it('never belongs to two kinds of one provider', () => {
    const names = fc.oneof(
      fc.constantFrom(...Object.values(EXAMPLES).map(({ name }) => name)),
      fc.string({ maxLength: 12 }),
      fc.stringMatching(/^[.\-_/#A-Za-z0-9:*]{1,20}$/),
    );
    fc.assert(
      fc.property(names, fc.constantFrom('aws', 'alibaba'), (name, provider) => {
        const kinds = LOG_STORE_TYPES.map((type) => kindOf({ type }));
        const fitting = kinds.filter((kind) => kind.provider === provider && !kind.nameMistake(name));

        expect(fitting.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1000 },
    );
  });
});
