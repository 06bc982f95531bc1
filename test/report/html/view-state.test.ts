import { describe, expect, it } from 'vitest';
import { ALL, isState, readHash, type ViewState, writeHash } from '../../../lib/report/html/client/view-state.ts';

const STATES: readonly ViewState[] = [
  { ...ALL, q: 'a b&c=d#é' },
  { ...ALL, status: ['UNKNOWN', 'EXEMPT'], severity: ['CRITICAL'] },
  { ...ALL, account: '', region: 'eu-west-1', key: 'arn:aws:kms:eu-west-1:111122223333:key/a', reason: 'NO_KEY' },
  { ...ALL, sort: 'name', isDescending: true },
];

describe('the state in the address', () => {
  it.each(STATES)('comes back: %j', (state) => {
    expect(isState(writeHash(state))).toBe(true);
    expect(readHash(writeHash(state))).toEqual(state);
  });

  it('is empty where everything is shown', () => {
    expect(writeHash(ALL)).toBe('');
    expect(readHash('')).toEqual(ALL);
  });

  it('is what it can be where the address is wrong', () => {
    expect(readHash('#sort=constructor&order=down&status=<b>,UNKNOWN&severity=%00&x=y')).toEqual({
      ...ALL,
      status: ['UNKNOWN'],
    });
  });

  it('is no name of a section', () => {
    expect(isState('#keys')).toBe(false);
  });
});
