import { describe, expect, it } from 'vitest';
import { deletionDay, keyNotFound, pendingDeletion, pendingReplicaDeletion } from '../../lib/domain/unusable-key.ts';
import { aKeyArn } from '../support/builders.ts';

const KEY = aKeyArn();
const MULTI_REGION = aKeyArn('mrk-1');
/** Late in the day, so that only UTC gives this day everywhere. */
const DELETED = new Date('2026-12-21T23:59:59Z');
const FIX = 'cancel it';

describe('a key that does not exist', () => {
  const said = (...facts: Parameters<typeof keyNotFound>) => keyNotFound(...facts).message;

  it('has taken what was encrypted under it', () => {
    expect(keyNotFound(KEY, 'eu-west-1', 'ATTACHED')).toEqual({
      code: 'KEY_NOT_FOUND',
      severity: 'CRITICAL',
      message: `what was encrypted under ${KEY} cannot be read any more, since the key does not exist in eu-west-1`,
      fix: 'attach a key that exists',
    });
  });

  it('may be replicated again if it is a multi-Region key', () => {
    const { message, fix } = keyNotFound(MULTI_REGION, 'eu-west-1', 'ATTACHED');

    expect(message).toBe(
      `what was encrypted under ${MULTI_REGION} cannot be read, since the key does not exist in eu-west-1`,
    );
    expect(fix).toMatch(/^replicate the key to eu-west-1 again if another Region still has it/);
  });

  it.each([KEY, MULTI_REGION])('cannot be attached, and nothing is said to be lost: %s', (key) => {
    expect(keyNotFound(key, 'eu-west-1', 'CONFIGURED')).toMatchObject({
      message: `${key} does not exist in eu-west-1, so nothing can be encrypted with it`,
      fix: 'attach a key that exists',
    });
  });

  it.each(['ATTACHED', 'CONFIGURED'] as const)('but an alias proves no loss: %s', (use) => {
    expect(said('alias/logs', 'eu-west-1', use)).toBe(
      'alias/logs does not exist in eu-west-1, so nothing can be encrypted with it',
    );
  });
});

describe('a key that is scheduled for deletion', () => {
  const said = (...[key, use, date]: [string, 'ATTACHED' | 'CONFIGURED', Date?]) =>
    pendingDeletion(key, use, date, FIX).message;

  it('takes what was encrypted under it, on a day that is named', () => {
    expect(pendingDeletion(KEY, 'ATTACHED', DELETED, FIX)).toEqual({
      code: 'KEY_PENDING_DELETION',
      severity: 'CRITICAL',
      message: `what was encrypted under ${KEY} cannot be read now, and will be lost on 2026-12-21, when the key is deleted`,
      fix: FIX,
    });
  });

  it('takes it all the same where the day is not known', () => {
    expect(said(KEY, 'ATTACHED')).toBe(
      `what was encrypted under ${KEY} cannot be read now, and will be lost at the end of its waiting period, when the key is deleted`,
    );
  });

  it('takes nothing where another Region has the key', () => {
    expect(said(MULTI_REGION, 'ATTACHED', DELETED)).toMatch(
      /lost on 2026-12-21, when the key is deleted, unless another Region has the key$/,
    );
  });

  it('cannot be attached', () => {
    expect(said(KEY, 'CONFIGURED', DELETED)).toBe(
      `${KEY} is scheduled for deletion on 2026-12-21, so nothing can be encrypted with it`,
    );
    expect(said(KEY, 'CONFIGURED')).toBe(`${KEY} is scheduled for deletion, so nothing can be encrypted with it`);
  });
});

describe('a primary key that is scheduled for deletion after its replicas', () => {
  it.each([
    [30, 'when the key is deleted, 30 days after its last replica'],
    [undefined, 'when the key is deleted, after its last replica'],
  ])('takes what was encrypted under it, with a waiting period of %s days', (days, when) => {
    expect(pendingReplicaDeletion(MULTI_REGION, 'ATTACHED', days, FIX)).toEqual({
      code: 'KEY_PENDING_REPLICA_DELETION',
      severity: 'CRITICAL',
      message: `what was encrypted under ${MULTI_REGION} cannot be read now, and will be lost ${when}`,
      fix: FIX,
    });
  });

  it('cannot be attached', () => {
    expect(pendingReplicaDeletion(MULTI_REGION, 'CONFIGURED', 30, FIX).message).toBe(
      `${MULTI_REGION} is scheduled for deletion after its last replica, so nothing can be encrypted with it`,
    );
  });
});

describe('the day on which a key is deleted', () => {
  it.each(['ATTACHED', 'CONFIGURED'] as const)('is read from the reason that says it: %s', (use) => {
    for (const key of [KEY, MULTI_REGION]) {
      expect(deletionDay(pendingDeletion(key, use, DELETED, FIX))).toBe('2026-12-21');
      expect(deletionDay(pendingDeletion(key, use, undefined, FIX))).toBeNull();
    }
  });

  it('is none in any other reason', () => {
    expect(deletionDay(pendingReplicaDeletion(KEY, 'ATTACHED', 7, FIX))).toBeNull();
    expect(deletionDay(keyNotFound(KEY, 'eu-west-1', 'ATTACHED'))).toBeNull();
    expect(deletionDay({ code: 'KEY_DISABLED', message: 'will be lost on 2026-12-21, when' })).toBeNull();
  });
});
