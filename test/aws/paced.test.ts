import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { MADE_UP_FOR_MS } from '../../lib/pacing.ts';
import { awsClouds } from '../../lib/runtime.ts';
import { aTarget } from '../support/builders.ts';
import { NO_WAITS } from '../support/host.ts';
import { aLogGroup, collect, KEY_ARN } from './builders.ts';
import { refusal, serve } from './tiny-server.ts';

const STORE = aLogGroup('/app');

describe('requests to CloudWatch Logs', () => {
  let throttled: string[];
  let waits: number[];
  let seal: () => Promise<void>;
  let list: () => Promise<unknown>;
  beforeEach(async () => {
    throttled = [];
    waits = [];
    await serve(({ operation, input: { Action } }, response) => {
      if (throttled.at(0) === operation) {
        throttled.shift();
        return refusal('ThrottlingException', 'Rate exceeded');
      }
      if (!Action) return { logGroups: [] };
      response.setHeader('content-type', 'text/xml');
      response.end(
        '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/a</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
      );
      return undefined;
    });
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const wait = async (ms: number) => void waits.push(Math.round(ms));
    const { logStores } = awsClouds({ ...NO_WAITS, wait })(aTarget('eu-west-1'));
    seal = () => logStores.seal(STORE, KEY_ARN, false);
    list = () => collect(logStores.pages(null));
  });

  test('are not held back before AWS has throttled one', async () => {
    for (const request of [seal, seal, list, list]) await request();

    expect(waits).toEqual([]);
  });

  test('keep to the quota of their call from the first that is throttled on, those that are under way at once too', async () => {
    throttled.push('AssociateKmsKey');
    await seal();
    await Promise.all([seal(), seal()]);

    // The repeated request is sent at once.
    expect(waits).toEqual([200, 400]);
  });

  test('are held back for the calls alone that were throttled', async () => {
    throttled.push('AssociateKmsKey');
    await seal();
    await list();
    expect(waits).toEqual([]);

    throttled.push('DescribeLogGroups');
    await list();
    await list();
    expect(waits).toEqual([100]);
  });

  test('that come late are made up for, half a second at most', async () => {
    throttled.push('AssociateKmsKey');
    await seal();
    vi.setSystemTime(Date.now() + 60_000);

    for (let count = 0; count < 4; count++) await seal();

    expect(MADE_UP_FOR_MS).toBe(500);
    expect(waits).toEqual([100]);
  });
});
