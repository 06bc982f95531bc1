import { describe, expect, it } from 'vitest';
import { sealingCost } from '../../../lib/app/change/sealing-cost.ts';
import type { Step } from '../../../lib/domain/plan-step.ts';
import { keyUsdPerMonth } from '../../../lib/domain/prices.ts';
import { logStoreOf } from '../../../lib/domain/stores/index.ts';
import { QUERY_RESULTS_NAME } from '../../../lib/domain/stores/query-results.ts';
import { aKeyArn, aLogGroup, aReason, aStep, TARGET } from '../../support/builders.ts';

function costOf(steps: readonly Step[]) {
  const cost = sealingCost();
  for (const step of steps) cost.add(step);
  return cost.total();
}
const many = (count: number, region = 'eu-west-1') =>
  Array.from({ length: count }, (_, index) => aStep({ store: aLogGroup(`/app/${index}`, { region }) }));

describe('what sealing takes', () => {
  it('is nothing where nothing is sealed', () => {
    const steps = [
      aStep({ action: 'NONE', refusal: aReason('KEY_NOT_FOUND') }),
      aStep({ action: 'NONE', skippedBy: 'LIMIT' }),
    ];

    expect(costOf(steps)).toMatchObject({
      apiCalls: {},
      totalApiCalls: 0,
      minutes: 0,
      keys: { count: 0, usdPerMonth: 0 },
    });
  });

  it('is a change for each log group, the reads before and after, and each key once', () => {
    const steps = [...many(100), aStep({ name: '/dead', fromKeyArn: aKeyArn('dead') })];

    expect(costOf(steps)).toMatchObject({
      apiCalls: {
        'logs:AssociateKmsKey': 101,
        'logs:DescribeLogGroups': 14,
        'kms:DescribeKey': 2,
        'kms:GetKeyPolicy': 1,
      },
      totalApiCalls: 118,
      minutes: 0.4,
      keys: { count: 1, usdPerMonth: 1, priceAsOf: '2026-03', priceSource: 'https://aws.amazon.com/kms/pricing/' },
      notCounted: ['requests to KMS', 'earlier key material that rotation keeps', 'CloudWatch'],
    });
  });

  it('takes as long as the slowest Region, since Regions are worked on side by side', () => {
    expect(costOf(many(3_000)).minutes).toBe(10);
    expect(costOf([...many(3_000), ...many(1_500, 'us-east-1')]).minutes).toBe(10);
    const regions = Array.from({ length: 16 }, (_, index) => `eu-west-${index + 1}`);
    expect(costOf(regions.flatMap((region) => many(300, region))).minutes).toBe(2);
  });

  it('runs a query for query results', () => {
    const store = logStoreOf('query-results', 'aws', TARGET, QUERY_RESULTS_NAME);

    expect(costOf([aStep({ store })]).apiCalls).toMatchObject({ 'logs:StartQuery': 1, 'logs:AssociateKmsKey': 1 });
  });

  it('has no price for a key outside of the partition aws, and no time for Logstores', () => {
    expect(keyUsdPerMonth(aKeyArn())).toBe(1);
    for (const partition of ['aws-cn', 'aws-us-gov', 'aws-iso']) {
      const arn = aKeyArn().replace('arn:aws:', `arn:${partition}:`);
      expect(keyUsdPerMonth(arn)).toBeNull();
      expect(costOf([aStep(), aStep({ name: '/b', toKeyArn: arn })]).keys).toMatchObject({
        count: 2,
        usdPerMonth: null,
      });
    }
    const target = { provider: 'alibaba', account: '1234', region: 'cn-hangzhou' } as const;
    const logstore = aStep({ store: logStoreOf('logstore', '', target, 'project/store'), toKeyArn: 'key-1' });
    expect(costOf([logstore])).toMatchObject({
      apiCalls: { 'log:GetLogStore': 3, 'log:UpdateLogStoreEncryption': 1, 'kms:DescribeKey': 1 },
      minutes: null,
      keys: { count: 1, usdPerMonth: null },
    });
  });
});
