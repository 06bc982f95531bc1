import { expect, it } from 'vitest';
import { stakesText } from '../../cli/stakes.ts';
import { aKeyArn, aLogGroup, aStep } from '../support/builders.ts';

const UNDO = 'logseal undo --run r';
const sealWith = (...names: string[]) => names.map((name) => aStep({ toKeyArn: aKeyArn(name) }));

it('an alias is shown with the key of each Region, each once', () => {
  expect(stakesText(sealWith('x', 'y', 'x'), 'alias/logs', null, UNDO)).toBe(
    `The key is alias/logs: ${aKeyArn('x')}, ${aKeyArn('y')}\nTo take it back: ${UNDO}\n`,
  );
});

it('a key that is named by its ARN is shown once', () => {
  expect(stakesText(sealWith('x'), aKeyArn('x'), null, UNDO)).toBe(
    `The key is ${aKeyArn('x')}\nTo take it back: ${UNDO}\n`,
  );
});

it('of many keys, five are shown', () => {
  const many = sealWith('1', '2', '3', '4', '5', '6', '7');

  expect(stakesText(many, 'alias/logs', null, UNDO)).toContain(`${aKeyArn('5')} and 2 more\n`);
});

it('with a canary, how many log stores are receiving logs', () => {
  const stores = ['/a', '/b'].map((name) => ({ store: aLogGroup(name), eventsPerMinute: 1 }));
  const canary = { asked: 2, minutes: 10, receiving: 3, stores };

  expect(stakesText(sealWith('w', 'x', 'y', 'z'), 'alias/logs', canary, UNDO).split('\n')[1]).toBe(
    'Receiving logs now: 3 of 4 log stores; 2 of them are sealed first, and watched for 10 minutes',
  );
});
