import type { OtherCall } from '../../sandbox/meanwhile.ts';
import type { World } from '../../sandbox/world.ts';
import type { Random } from './random.ts';
import { HOME, KEYS, keyArn, keyPolicyText } from './worlds.ts';

/** What somebody else does at a time. */
export interface TimedAction extends OtherCall {
  readonly atS: number;
  readonly region: string;
}

/** Up to eight things that somebody else does, and what is taken back of them. */
export function drawActions(draw: Random, { groups = {} }: World, regions: readonly string[]): TimedAction[] {
  const names = Object.keys(groups).filter((name) => name.startsWith('/'));
  return Array.from({ length: draw.whole(0, 8) }, (_, n) => drawAction(draw, names, regions, n)).flat();
}

function drawAction(draw: Random, names: readonly string[], regions: readonly string[], n: number): TimedAction[] {
  const atS = draw.whole(0, 600);
  const region = draw.pick(regions);
  const { configured, other } = KEYS[region as typeof HOME] ?? KEYS[HOME];
  const logGroupName = region === HOME ? draw.pick(names) : `/there/${draw.whole(1, 20)}`;
  const once = (call: string, input: object): TimedAction[] => [{ atS, region, call, input: { ...input } }];
  const KeyId = keyArn(draw.pick([configured, other]), region);
  const laterS = atS + draw.whole(10, 400);
  const policy = (isBroken: boolean) => ({
    ...{ KeyId: keyArn(configured, region), PolicyName: 'default', Policy: keyPolicyText(region, isBroken) },
  });
  return draw.weighted<() => TimedAction[]>([
    [4, () => once('logs:CreateLogGroup', { logGroupName: `/new/${n}` })],
    [3, () => once('logs:DisassociateKmsKey', { logGroupName })],
    [2, () => once('logs:AssociateKmsKey', { logGroupName, kmsKeyId: keyArn(other, region) })],
    [2, () => once('logs:DeleteLogGroup', { logGroupName })],
    [2, () => [...once('kms:DisableKey', { KeyId }), { atS: laterS, region, call: 'kms:EnableKey', input: { KeyId } }]],
    [
      1,
      () => [
        ...once('kms:ScheduleKeyDeletion', { KeyId }),
        { atS: laterS, region, call: 'kms:CancelKeyDeletion', input: { KeyId } },
        { atS: laterS + 1, region, call: 'kms:EnableKey', input: { KeyId } },
      ],
    ],
    [
      2,
      () => [
        ...once('kms:PutKeyPolicy', policy(true)),
        { atS: laterS, region, call: 'kms:PutKeyPolicy', input: policy(false) },
      ],
    ],
    [2, () => once('kms:PutKeyPolicy', { ...policy(false), KeyId: keyArn(other, region) })],
    [1, () => once('kms:UpdateAlias', { AliasName: 'alias/logseal', TargetKeyId: keyArn(other, region) })],
  ])();
}
