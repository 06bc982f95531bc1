import { describe, expect, it } from 'vitest';
import { PROVIDER_NAMES, PROVIDERS } from '../../../lib/domain/providers/index.ts';
import type { Provider } from '../../../lib/domain/target.ts';
import { aKeyArn } from '../../support/builders.ts';

interface Example {
  readonly account: string;
  readonly region: string;
  readonly key: string;
  readonly stored: string;
  readonly alias: string | null;
}

/** What a user may write for each provider. A provider without a line here does not compile. */
const EXAMPLES: Readonly<Record<Provider, Example>> = {
  aws: {
    account: '111122223333',
    region: 'eu-west-1',
    key: 'alias/logseal',
    stored: aKeyArn(),
    alias: 'alias/logseal',
  },
  alibaba: {
    account: '1234567890123456',
    region: 'cn-hangzhou',
    key: 'acs:kms:cn-hangzhou:1234567890123456:key/key-1',
    stored: 'key-1',
    alias: null,
  },
};

it('every provider has a name', () => {
  expect(PROVIDER_NAMES).toEqual(Object.keys(EXAMPLES));
});

describe.each(PROVIDER_NAMES)('the provider %s', (name) => {
  const traits = PROVIDERS[name];
  const { account, region, key, stored, alias } = EXAMPLES[name];

  it('knows its own name', () => {
    expect(traits.provider).toBe(name);
  });

  it('accepts its accounts, Regions and keys', () => {
    expect(traits.accountMistake(account)).toBeUndefined();
    expect(traits.regionMistake(region)).toBeUndefined();
    expect(traits.keyMistake(key, [region])).toBeUndefined();
    expect(traits.keyMistake(stored, [region])).toBeUndefined();
    expect(traits.storedKeyMistake(stored)).toBeUndefined();
    expect(traits.storedKeyMistake(traits.keyOf(stored))).toBeUndefined();
  });

  it.each([' ', 'a b', '12a', '1\n', '1'.repeat(21)])('refuses %j as an account, and says what is expected', (text) => {
    expect(traits.accountMistake(text)).toMatch(/^expected .*, got "/);
  });

  it('knows options of its own, with which it seals', () => {
    const others = PROVIDER_NAMES.filter((other) => other !== name).flatMap((other) => PROVIDERS[other].ownOptions);

    expect(traits.ownOptions.length).toBeGreaterThan(0);
    expect(traits.ownOptions.filter((option) => others.includes(option))).toEqual([]);
    if (traits.roleOption) expect(traits.ownOptions).toContain(traits.roleOption.name);
    if (traits.serviceKey) expect(traits.ownOptions).toContain('service-key');
  });

  it('never takes the key of the service itself for one of the owner', () => {
    if (traits.serviceKey) expect(traits.keyMistake(traits.serviceKey.id, [region])).toMatch(/^expected /);
  });

  it.each(['', ' ', 'a b', 'ä', '../x', 'x\n'])(
    'refuses %j as a Region and as a key, and says what is expected',
    (text) => {
      expect(traits.regionMistake(text)).toMatch(/^expected .*, got "/);
      expect(traits.keyMistake(text, [region])).toMatch(/^expected .*, got "/);
      expect(traits.storedKeyMistake(text)).toMatch(/^expected .*, got "/);
    },
  );

  it('tells a key from an alias', () => {
    expect(traits.isKeyItself(stored)).toBe(true);
    expect(traits.isKeyItself(traits.keyOf(stored))).toBe(true);
    if (alias === null) return;
    expect(traits.isKeyItself(alias)).toBe(false);
    expect(traits.storedKeyMistake(alias)).toMatch(/^expected /);
  });

  it('names the key in its commands, each of which can be typed', () => {
    for (const command of [traits.enableCommand(stored), traits.cancelDeletionCommand(stored)]) {
      expect(command).toMatch(/^(aws|aliyun) kms [A-Za-z-]+ -/);
      expect(command).toContain(` ${stored}`);
    }
    expect(traits.enableCommand(stored)).not.toBe(traits.cancelDeletionCommand(stored));
  });

  it('has every text that people read', () => {
    for (const text of [traits.symmetricSpec, traits.encryptUsage, traits.logInFix]) expect(text).toMatch(/\S{3}/);
    expect(traits.undoOption).toMatch(/^( --\S.*)?$/);
  });

  it('has endpoint variables of its own', () => {
    const others = PROVIDER_NAMES.filter((other) => other !== name).flatMap(
      (other) => PROVIDERS[other].endpointVariables,
    );

    expect(traits.endpointVariables.length).toBeGreaterThan(0);
    for (const variable of traits.endpointVariables) {
      expect(variable).toMatch(/^[A-Z][A-Z_]+$/);
      expect(others.some((other) => other.startsWith(variable) || variable.startsWith(other))).toBe(false);
    }
  });
});
