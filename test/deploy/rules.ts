import { DescribeRuleCommand, TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { describe, expect, it } from 'vitest';
import { KEY_NOTICES, REMEDIATE_CLOUDTRAIL, SCAN_CLOUDTRAIL } from '../events/samples.ts';
import { type Deployment, emulator } from './deployment.ts';
import { ACCOUNT } from './place.ts';
import { type BusEvent, bySessionOf, sample, withDetail } from './samples.ts';

/** Tests the patterns of the rules as the emulator has them. @param ownBus the name of logseal's bus */
export function describeRules(ids: () => Deployment['ids'], ownBus: string): void {
  async function matches(ruleId: string, event: BusEvent, EventBusName: string): Promise<boolean> {
    const { events } = emulator();
    // The id of a rule on a custom bus is BUS|NAME.
    const Name = ids()[ruleId]?.split('|').at(-1);
    const { EventPattern } = await events.send(new DescribeRuleCommand({ Name, EventBusName }));
    return matchesPattern(EventPattern, event);
  }

  describe('LogGroupChangedRule', () => {
    const matchesIt = (event: BusEvent) => matches('LogGroupChangedRule', event, 'default');

    it.each(REMEDIATE_CLOUDTRAIL)('matches %s by other callers, unless it failed', async (name) => {
      expect(await matchesIt(await sample(name))).toBe(true);
      expect(await matchesIt(await sample(`${name}-failed`))).toBe(false);
    });
    it.each(REMEDIATE_CLOUDTRAIL)('does not match %s by the remediate function itself', async (name) => {
      const role = `arn:aws:iam::${ACCOUNT}:role/${ids()['RemediateRole']}`;
      expect(await matchesIt(withDetail(await sample(name), bySessionOf(role)))).toBe(false);
      expect(await matchesIt(withDetail(await sample(name), bySessionOf(`${role}2`)))).toBe(true);
    });
    it.each(['IAMUser', 'Root'])('matches calls by a caller without a session: %s', async (type) => {
      const userIdentity = { type, accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:x` };
      expect(await matchesIt(withDetail(await sample('create-log-group'), { userIdentity }))).toBe(true);
    });
    it('does not match other calls, or calls of other services', async () => {
      const event = await sample('create-log-group');
      expect(await matchesIt(withDetail(event, { eventName: 'PutRetentionPolicy' }))).toBe(false);
      expect(await matchesIt(withDetail(event, { eventSource: 'kms.amazonaws.com' }))).toBe(false);
      expect(await matchesIt({ ...event, source: 'aws.kms' })).toBe(false);
      expect(await matchesIt(await sample('disable-key'))).toBe(false);
    });
  });

  describe('KeyChangedRule', () => {
    const matchesIt = (event: BusEvent) => matches('KeyChangedRule', event, 'default');

    it.each(SCAN_CLOUDTRAIL)('matches %s, unless it failed', async (name) => {
      expect(await matchesIt(await sample(name))).toBe(true);
      expect(await matchesIt(await sample(`${name}-failed`))).toBe(false);
    });
    it.each(KEY_NOTICES)('matches %s, which KMS itself sends', async (name) => {
      const event = await sample(name);
      expect(await matchesIt(event)).toBe(true);
      expect(await matchesIt({ ...event, source: 'aws.logs' })).toBe(false);
      expect(await matchesIt({ ...event, 'detail-type': 'KMS CMK Rotation' })).toBe(false);
    });
    it('does not match other calls', async () => {
      expect(await matchesIt(withDetail(await sample('disable-key'), { eventName: 'DescribeKey' }))).toBe(false);
      expect(await matchesIt(await sample('create-log-group'))).toBe(false);
    });
  });

  describe('the rules of logseal’s own bus', () => {
    it.each([
      ['FindingRule', 'finding', 'scan-requested'],
      ['ScanRequestedRule', 'scan-requested', 'finding'],
    ])('%s matches %s, but not %s or events from other senders', async (rule, own, other) => {
      const event = await sample(own);
      expect(await matches(rule, event, ownBus)).toBe(true);
      expect(await matches(rule, { ...event, source: 'somebody' }, ownBus)).toBe(false);
      expect(await matches(rule, { ...event, 'detail-type': 'Remediation Outcome' }, ownBus)).toBe(false);
      expect(await matches(rule, await sample(other), ownBus)).toBe(false);
    });
  });
}

/** Whether the emulator finds that an event matches a pattern. */
export async function matchesPattern(EventPattern: string | undefined, event: BusEvent): Promise<boolean> {
  const command = new TestEventPatternCommand({ EventPattern, Event: JSON.stringify(event) });
  return (await emulator().events.send(command)).Result === true;
}
