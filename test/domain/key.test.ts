import { KeySpec, KeyState, KeyUsageType } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { whyUnusable } from '../../lib/domain/key.ts';
import { REASON_CODES } from '../../lib/domain/reasons.ts';
import { aKey, aKeyArn } from '../support/builders.ts';

const codesOf = (facts: Parameters<typeof aKey>[0]) =>
  whyUnusable(aKey(facts), 'aws', 'ATTACHED').map(({ code }) => code);

describe('the state of a key', () => {
  it.each([
    ['Enabled', []],
    ['Updating', []],
    ['Disabled', ['KEY_DISABLED']],
    ['PendingDeletion', ['KEY_PENDING_DELETION']],
    ['PendingReplicaDeletion', ['KEY_PENDING_REPLICA_DELETION']],
    ['PendingImport', ['KEY_PENDING_IMPORT']],
    ['Unavailable', ['KEY_UNAVAILABLE']],
    ['Creating', ['KEY_CREATING']],
    // A state that AWS may add one day never counts as usable.
    ['Hibernating', ['KEY_UNAVAILABLE']],
    ['Unknown', ['KEY_UNAVAILABLE']],
    ['', ['KEY_UNAVAILABLE']],
    ['enabled', ['KEY_UNAVAILABLE']],
  ])('%s: %j', (state, codes) => {
    expect(codesOf({ state })).toEqual(codes);
  });

  it('of every name that the SDK knows is told apart', () => {
    const usable = Object.values(KeyState).filter((state) => codesOf({ state }).length === 0);

    expect(usable.toSorted()).toEqual(['Enabled', 'Updating']);
  });

  it('says what the deletion means for the logs, and when, with the command that cancels it', () => {
    const deletionDate = new Date('2026-12-21T10:00:00Z');
    const reasons = [
      aKey({ state: 'PendingDeletion', deletionDate }),
      aKey({ state: 'PendingReplicaDeletion', waitingPeriodDays: 7 }),
    ].flatMap((key) => whyUnusable(key, 'aws', 'ATTACHED'));

    expect(reasons.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^what was encrypted under arn:\S+ cannot be read now, and will be lost on 2026-12-21, /),
      expect.stringMatching(/^what was encrypted under arn:\S+ cannot be read now, .*, 7 days after its last replica$/),
    ]);
    for (const { fix } of reasons) {
      expect(fix).toBe(
        `aws kms cancel-key-deletion --key-id ${aKeyArn()} --region eu-west-1, then aws kms enable-key --key-id ${aKeyArn()} --region eu-west-1`,
      );
    }
  });

  it('that is not known is named', () => {
    expect(whyUnusable(aKey({ state: 'Hibernating' }), 'aws', 'ATTACHED')[0]?.message).toContain('Hibernating');
  });
});

describe('the type of a key', () => {
  it('is usable with one spec only, of all that the SDK knows', () => {
    const usable = Object.values(KeySpec).filter((spec) => codesOf({ spec }).length === 0);

    expect(usable).toEqual(['SYMMETRIC_DEFAULT']);
  });

  it('is usable with one usage only, of all that the SDK knows', () => {
    const usable = Object.values(KeyUsageType).filter((usage) => codesOf({ usage }).length === 0);

    expect(usable).toEqual(['ENCRYPT_DECRYPT']);
  });

  it.each([
    ['RSA_4096', 'ENCRYPT_DECRYPT', ['KEY_NOT_SYMMETRIC']],
    ['SM2', 'ENCRYPT_DECRYPT', ['KEY_NOT_SYMMETRIC']],
    ['RSA_2048', 'SIGN_VERIFY', ['KEY_NOT_SYMMETRIC', 'KEY_WRONG_USAGE']],
    ['ECC_NIST_P256', 'KEY_AGREEMENT', ['KEY_NOT_SYMMETRIC', 'KEY_WRONG_USAGE']],
    ['HMAC_224', 'GENERATE_VERIFY_MAC', ['KEY_WRONG_USAGE']],
    ['HMAC_512', 'GENERATE_VERIFY_MAC', ['KEY_WRONG_USAGE']],
    // KMS never returns this one, and it could encrypt nothing.
    ['HMAC_256', 'ENCRYPT_DECRYPT', ['KEY_WRONG_USAGE']],
    ['SYMMETRIC_DEFAULT', 'Unknown', ['KEY_WRONG_USAGE']],
    ['Unknown', 'ENCRYPT_DECRYPT', ['KEY_NOT_SYMMETRIC']],
    ['QUANTUM_1', 'TELEPORT', ['KEY_NOT_SYMMETRIC', 'KEY_WRONG_USAGE']],
  ])('%s with %s: %j', (spec, usage, codes) => {
    expect(codesOf({ spec, usage })).toEqual(codes);
  });
});

describe('the manager of a key', () => {
  it('makes it unusable if it is AWS, and the fix is another key', () => {
    const arn = aKeyArn('ssm');

    expect(whyUnusable(aKey({ arn, manager: 'AWS' }), 'aws', 'ATTACHED')).toEqual([
      {
        code: 'KEY_AWS_MANAGED',
        severity: 'MEDIUM',
        message: `${arn} is an AWS-managed key: nobody in its account can change its policy`,
        fix: 'use a customer managed key: the policy of an AWS-managed key does not let CloudWatch Logs use it',
      },
    ]);
  });

  it.each(['CUSTOMER', undefined, 'SOMEBODY'])('leaves it to the key policy if it is %s', (manager) => {
    expect(codesOf({ manager })).toEqual([]);
  });
});

describe('why a key is unusable', () => {
  it('is told in full, in the order of the reasons', () => {
    const codes = codesOf({ state: 'PendingImport', spec: 'RSA_2048', usage: null, manager: 'AWS' });

    expect(codes).toEqual(['KEY_PENDING_IMPORT', 'KEY_NOT_SYMMETRIC', 'KEY_AWS_MANAGED', 'KEY_UNREADABLE']);
    expect(codes).toEqual(REASON_CODES.filter((code) => codes.includes(code)));
  });

  it('names the key, and a fix that can be typed', () => {
    const arn = aKeyArn('dead');

    expect(whyUnusable(aKey({ arn, state: 'Disabled' }), 'aws', 'ATTACHED')).toEqual([
      {
        code: 'KEY_DISABLED',
        severity: 'HIGH',
        message: `${arn} is disabled`,
        fix: `aws kms enable-key --key-id ${arn} --region eu-west-1`,
      },
    ]);
  });

  it('always comes with a fix', () => {
    const reasons = [
      'Disabled',
      'PendingDeletion',
      'PendingReplicaDeletion',
      'PendingImport',
      'Unavailable',
      'Creating',
      '?',
    ]
      .map((state) => aKey({ state, spec: 'RSA_2048', usage: 'SIGN_VERIFY' }))
      .flatMap((key) => whyUnusable(key, 'aws', 'ATTACHED'));

    expect(reasons).toHaveLength(21);
    for (const { message, fix } of reasons) {
      expect(message).toContain(aKeyArn());
      expect(fix).not.toBe('');
    }
  });

  it('can be told of a key whose ARN is odd', () => {
    expect(whyUnusable(aKey({ arn: 'odd', state: 'Disabled' }), 'aws', 'ATTACHED')[0]?.fix).toBe(
      'aws kms enable-key --key-id odd',
    );
  });
});
