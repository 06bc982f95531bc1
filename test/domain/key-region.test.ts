import { describe, expect, it } from 'vitest';
import { wrongRegion } from '../../lib/domain/key-region.ts';
import { aKeyArn } from '../support/builders.ts';

describe('a key in another Region than the logs', () => {
  it('cannot be used: another key is the fix', () => {
    const keyArn = aKeyArn('far', { region: 'us-east-1' });

    expect(wrongRegion(keyArn, 'us-east-1', 'eu-west-1')).toEqual({
      code: 'KEY_WRONG_REGION',
      severity: 'HIGH',
      message: `${keyArn} is in us-east-1, but the logs are in eu-west-1`,
      fix: 'use a key in eu-west-1',
    });
  });

  it('may be a multi-Region key: the fix names the replica, and does not promise that it exists', () => {
    const fix = wrongRegion(aKeyArn('mrk-1234', { region: 'us-east-1' }), 'us-east-1', 'eu-west-1')?.fix;

    expect(fix).toContain(aKeyArn('mrk-1234', { region: 'eu-west-1' }));
    expect(fix).toContain('if it has one');
  });

  it('may have an id that names no Region', () => {
    expect(wrongRegion('key-hzz1', 'cn-beijing', 'cn-hangzhou')).toMatchObject({
      message: 'key-hzz1 is in cn-beijing, but the logs are in cn-hangzhou',
      fix: 'use a key in cn-hangzhou',
    });
  });
});

it.each([
  ['both are in the same Region', 'eu-west-1', 'eu-west-1'],
  ['the Region of the key is not known', undefined, 'eu-west-1'],
  ['the Region of the key is not given', null, 'eu-west-1'],
  ['the Region of the logs is not known', 'eu-west-1', undefined],
])('nothing is wrong where %s', (_, keyRegion, logsRegion) => {
  expect(wrongRegion(aKeyArn(), keyRegion, logsRegion)).toBeUndefined();
});
