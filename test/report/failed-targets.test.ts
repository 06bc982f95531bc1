import { describe, expect, it } from 'vitest';
import type { TargetReport } from '../../lib/app/scan/scan-target.ts';
import { failedPlaces, failedTargets } from '../../lib/report/failed-targets.ts';
import { aReport } from '../support/builders.ts';
import { reportOptions } from './builders.ts';

const failedIn = (account: string, error: TargetReport['error'], region = 'eu-west-1') =>
  aReport({ account, region, status: 'FAILED', stores: 0, error });
const refusedIn = (account: string, region?: string) =>
  failedIn(account, { code: 'ROLE_REFUSED', message: `no sts:AssumeRole on arn:aws:iam::${account}:role/r` }, region);
const messages = (targets: readonly TargetReport[], work?: 'scan' | 'change') =>
  failedPlaces(targets, reportOptions(), work).map(({ message }) => message);

describe('what failed', () => {
  it('is said once of all accounts in which it differs in their ids alone, and of many names the first', () => {
    const accounts = Array.from({ length: 200 }, (_, index) => String(100_000_000_000 + index));

    const [message, ...others] = messages([aReport(), ...accounts.map((account) => refusedIn(account))]);

    expect(others).toEqual([]);
    expect(message).toMatch(/^100000000000, 100000000001, .*100000000019 and 180 more could not be entered: /);
    expect(message).toMatch(/: ROLE_REFUSED: no sts:AssumeRole on arn:aws:iam::ACCOUNT:role\/r$/);
  });

  it('names no Region where the whole account is missing', () => {
    const message = 'the Regions of the account could not be listed: account:ListRegions: no';
    const failed = failedIn('222233334444', { code: 'ACCESS_DENIED', message });
    const unlisted = { ...failed, regionsUnlisted: true } as const;

    expect(messages([refusedIn('222233334444'), refusedIn('222233334444', 'us-east-1')])).toEqual([
      '222233334444 could not be entered: ROLE_REFUSED: no sts:AssumeRole on arn:aws:iam::222233334444:role/r',
    ]);
    expect(messages([unlisted])).toEqual([`222233334444 was not scanned: ACCESS_DENIED: ${message}`]);
    expect(failedTargets([unlisted])[0]?.message).toBe(`222233334444 was not scanned: ACCESS_DENIED: ${message}`);
    expect(messages([{ ...unlisted, account: '' }])).toEqual([
      `the account was not scanned: ACCESS_DENIED: ${message}`,
    ]);
    expect(messages([failed])).toEqual([`eu-west-1 was not scanned completely: ACCESS_DENIED: ${message}`]);
  });

  it('is a Region where the role was refused after some of it was listed', () => {
    const stopped = { ...refusedIn('222233334444'), stores: 7 };

    expect(messages([stopped])[0]).toMatch(/^eu-west-1 was not scanned completely: stopped after 7 log stores: ROLE_/);
  });

  it('names the Regions once for the accounts in which they failed alike', () => {
    const error = { code: 'THROTTLED', message: 'slow down' } as const;
    const targets = ['1', '2'].flatMap((account) => ['a', 'b'].map((region) => failedIn(account, error, region)));

    expect(messages(targets)).toEqual(['1, 2 in a and b were not scanned completely: THROTTLED: slow down']);
    expect(messages([...targets, failedIn('3', error, 'a')])).toHaveLength(2);
  });

  it('could not be reached by what changes log stores', () => {
    const error = { code: 'CREDENTIALS', message: 'expired' } as const;

    expect(messages([failedIn('1', error)], 'change')).toEqual([
      'eu-west-1 could not be reached: CREDENTIALS: expired',
    ]);
  });
});
