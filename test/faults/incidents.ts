import type { Fault, World } from '../../sandbox/world.ts';
import type { Random } from './random.ts';
import { HOME, KEYS, keyArn, keyPolicyText } from './worlds.ts';

/** Every call that the functions make. */
const CALLS = [
  'logs:DescribeLogGroups',
  'logs:AssociateKmsKey',
  'kms:DescribeKey',
  'kms:GetKeyPolicy',
  'events:PutEvents',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'iam:SimulatePrincipalPolicy',
  'iam:GetRole',
  'sts:GetCallerIdentity',
  'sqs:ChangeMessageVisibilityBatch',
] as const satisfies Fault['call'][];
const SERVICES = ['logs:*', 'kms:*', 'events:*', 'dynamodb:*', 'iam:*', 'sts:*', 'sqs:*'] as const;

/** The queue's call has another name in IAM, by which faults know it. */
function callIn(draw: Random): Fault['call'] {
  const call = draw.pick(CALLS);
  return call === 'sqs:ChangeMessageVisibilityBatch' ? 'sqs:ChangeMessageVisibility' : call;
}

function window(draw: Random, longestS: number): { fromS: number; untilS: number } {
  const fromS = draw.chance(0.5) ? 0 : draw.whole(0, 120);
  return { fromS, untilS: fromS + draw.whole(5, longestS) };
}

type Incident = (draw: Random, names: readonly string[]) => Fault[];

const INCIDENTS: readonly (readonly [weight: number, incident: Incident])[] = [
  // A storm of throttling.
  [3, (draw) => [{ call: callIn(draw), kind: 'throttle', rate: draw.whole(3, 10) / 10, ...window(draw, 600) }]],
  // A service that fails altogether for a while.
  [4, (draw) => [{ call: draw.pick(SERVICES), kind: 'unavailable', ...window(draw, 900) }]],
  [2, (draw) => [{ call: callIn(draw), kind: 'unavailable', rate: draw.whole(1, 7) / 10, ...window(draw, 900) }]],
  [1, (draw) => [{ call: callIn(draw), kind: 'bad-gateway', rate: draw.whole(1, 7) / 10, ...window(draw, 300) }]],
  [2, (draw) => [{ call: callIn(draw), kind: 'reset', rate: draw.whole(1, 6) / 10 }]],
  [3, (draw) => [{ call: callIn(draw), kind: 'reset-after', rate: draw.whole(1, 6) / 10 }]],
  [1, (draw) => [{ call: 'logs:AssociateKmsKey', kind: 'reset-after', skip: draw.whole(0, 9), times: 10 }]],
  [2, (draw) => [{ call: 'logs:AssociateKmsKey', kind: 'aborted', rate: draw.whole(1, 9) / 10, ...window(draw, 300) }]],
  // Slow answers: the functions run out of time in the middle of a page or of a batch; above 30 s the SDK gives up.
  [4, (draw) => [slow(draw, callIn(draw))]],
  [2, (draw) => [slow(draw, 'logs:AssociateKmsKey')]],
  [2, (draw) => [slow(draw, 'kms:DescribeKey')]],
  // At least once, in any order.
  [3, (draw) => [{ call: 'events:PutEvents', kind: 'duplicate', rate: draw.whole(1, 10) / 10 }]],
  [2, (draw) => [{ call: 'sqs:ReceiveMessage', kind: 'duplicate', rate: draw.whole(1, 6) / 10 }]],
  [
    3,
    (draw) => [
      { call: 'events:PutEvents', kind: 'late', rate: draw.whole(2, 8) / 10, latencyMs: draw.whole(1, 400) * 1000 },
    ],
  ],
  [
    3,
    (draw) => [
      {
        call: 'events:PutEvents',
        kind: draw.pick(['partial', 'partial-throttle'] as const),
        rate: draw.whole(1, 8) / 10,
      },
    ],
  ],
  [1, (draw) => [{ call: 'events:PutEvents', kind: 'partial', ...window(draw, 600) }]],
  // A function that dies.
  [
    5,
    (draw) => [
      {
        call: callIn(draw),
        kind: draw.pick(['crash', 'crash-after'] as const),
        skip: draw.whole(0, 12),
        times: draw.whole(1, 3),
      },
    ],
  ],
  [
    2,
    (draw) => [
      {
        call: 'logs:AssociateKmsKey',
        kind: draw.pick(['crash', 'crash-after'] as const),
        skip: draw.whole(0, 12),
        times: draw.whole(1, 3),
      },
    ],
  ],
  [1, (draw) => [{ call: 'logs:DescribeLogGroups', kind: 'expired-token', times: draw.whole(1, 3) }]],
  // Somebody else is faster.
  [6, (draw, names) => Array.from({ length: draw.whole(1, 3) }, () => somebodyElse(draw, names))],
  // A right that is missing for good.
  [1, (draw, names) => [{ call: 'logs:AssociateKmsKey', kind: 'deny', resource: draw.pick(names) }]],
];

function slow(draw: Random, call: Fault['call']): Fault {
  return {
    call,
    kind: 'latency',
    latencyMs: draw.whole(2, 36) * 1000,
    rate: draw.whole(2, 10) / 10,
    ...window(draw, 900),
  };
}

/** A change between the moment when something is read and the one when it is used. */
function somebodyElse(draw: Random, names: readonly string[]): Fault {
  const logGroupName = draw.pick(names);
  const { configured, other } = KEYS[HOME];
  const KeyId = keyArn(draw.pick([configured, other, 'disabled']));
  const policy = { KeyId: keyArn(configured), PolicyName: 'default', Policy: keyPolicyText(HOME, true) };
  const call = draw.weighted([
    [4, { call: 'logs:DeleteLogGroup', input: { logGroupName } }],
    [4, { call: 'logs:AssociateKmsKey', input: { logGroupName, kmsKeyId: keyArn(other) } }],
    [2, { call: 'logs:DisassociateKmsKey', input: { logGroupName } }],
    [2, { call: 'kms:DisableKey', input: { KeyId } }],
    [1, { call: 'kms:EnableKey', input: { KeyId } }],
    [1, { call: 'kms:PutKeyPolicy', input: policy }],
  ] as const);
  const before = draw.weighted([
    [3, { call: 'logs:AssociateKmsKey', skip: draw.whole(0, 6) }],
    [2, { call: 'logs:AssociateKmsKey', resource: logGroupName }],
    [2, { call: 'kms:DescribeKey', skip: draw.whole(0, 10) }],
    [2, { call: 'events:PutEvents', skip: draw.whole(0, 3) }],
    [2, { call: 'dynamodb:PutItem', skip: draw.whole(0, 8) }],
  ] as const);
  return { ...before, kind: 'meanwhile', times: 1, other: { call: call.call, input: { ...call.input } } };
}

/** One to five incidents. */
export function drawFaults(draw: Random, { groups = {} }: World): Fault[] {
  const names = Object.keys(groups).filter((name) => name.startsWith('/'));
  const count = draw.whole(1, 5);
  return Array.from({ length: count }, () => draw.weighted(INCIDENTS)(draw, names)).flat();
}
