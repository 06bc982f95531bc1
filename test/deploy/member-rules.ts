import { ListRulesCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { expect, it } from 'vitest';
import { KEY_NOTICES, REMEDIATE_CLOUDTRAIL, SCAN_CLOUDTRAIL } from '../events/samples.ts';
import { emulator } from './deployment.ts';
import { ACCOUNT } from './place.ts';
import { matchesPattern } from './rules.ts';
import { bySessionOf, sample, withDetail } from './samples.ts';
import { MEMBER_ROLE } from './sessions.ts';

interface Hub {
  /** Of its stack and of its bus. */
  readonly name: string;
  readonly outputs: () => Readonly<Record<string, string>>;
}

/** Tests the rules of a member account, and those of the hub's bus that its events come to. */
export function describeMemberRules(account: string, { name, outputs }: Hub): void {
  const patternOf = async (id: string, owner: string, stack: string, EventBusName: string) => {
    const { Rules = [] } = await emulator(owner).events.send(new ListRulesCommand({ EventBusName }));
    return Rules.find(({ Name }) => Name?.startsWith(`${stack}-${id}`))?.EventPattern;
  };
  const inMember = (id: string) => patternOf(id, account, 'member-events', 'default');
  const inHub = (id: string) => patternOf(`Member${id}`, ACCOUNT, name, name);

  it('forward what happens to log groups and keys to the hub', async () => {
    const { events } = emulator(account);
    const { Rules = [] } = await events.send(new ListRulesCommand({}));
    expect(Rules).toHaveLength(2);
    for (const { Name: Rule } of Rules) {
      const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule }));
      const RoleArn = expect.stringContaining(`arn:aws:iam::${account}:role/member-events-ForwardRole`);
      expect(Targets).toMatchObject([{ Arn: outputs()['HubBusArn'], RoleArn }]);
    }
  });

  it.each([
    ['LogGroupChangedRule', REMEDIATE_CLOUDTRAIL],
    ['KeyChangedRule', [...SCAN_CLOUDTRAIL, ...KEY_NOTICES]],
  ])('%s and the rule of the hub’s bus match its samples, unless the call failed', async (id, names) => {
    const patterns = [await inMember(id), await inHub(id)];
    for (const pattern of patterns) {
      for (const event of names) {
        expect(await matchesPattern(pattern, await sample(event, account)), event).toBe(true);
        if (KEY_NOTICES.includes(event)) continue;
        expect(await matchesPattern(pattern, await sample(`${event}-failed`, account)), event).toBe(false);
      }
    }
  });

  it('the rule of the hub’s bus does not match the changes of the hub itself', async () => {
    const pattern = await inHub('LogGroupChangedRule');
    for (const call of REMEDIATE_CLOUDTRAIL) {
      const event = await sample(call, account);
      const role = `arn:aws:iam::${account}:role/${MEMBER_ROLE}`;
      expect(await matchesPattern(pattern, withDetail(event, bySessionOf(role)))).toBe(false);
      expect(await matchesPattern(pattern, withDetail(event, bySessionOf(`${role}2`)))).toBe(true);
    }
  });
}
