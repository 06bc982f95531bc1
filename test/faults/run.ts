import type { KeyEntry } from '../../lib/domain/journal.ts';
import type { MadeCall } from '../../sandbox/dispatch.ts';
import { leapingClock } from '../../sandbox/leaping-clock.ts';
import { type Sandbox, startSandbox } from '../../sandbox/sandbox.ts';
import type { Stack } from '../../sandbox/stack/stack.ts';
import type { Cloud } from '../../sandbox/state.ts';
import { cloudTrailEvent } from './cloud-trail.ts';
import type { Evidence, KeyRecord, StackEvidence, Start, WrittenEntry } from './evidence.ts';
import { PARAMETER } from './exemptions.ts';
import type { Plan, PlannedStack } from './plan.ts';
import { random } from './random.ts';
import { ACCOUNT, HOME } from './worlds.ts';

/** Carries out a plan until nothing is under way any more. @param template of functions that are bundled */
export async function carryOutPlan(plan: Plan, template: string): Promise<Evidence> {
  const clock = leapingClock();
  const draw = random(plan.seed ^ 0x5eed);
  const calls: MadeCall[] = [];
  const skews = Array.from({ length: 50 }, () => (plan.skewMs ? draw.whole(-plan.skewMs, plan.skewMs) : 0));
  const stackOptions = ({ name, mode, keyId, regions, exempt }: PlannedStack) => ({
    ...{ template, name, timeScale: 1, timeoutScale: 1 },
    parameters: {
      ...{ Mode: mode, KeyId: keyId },
      ...(regions.length > 1 && { Regions: regions.join(',') }),
      ...(exempt !== null && { ConfigUri: `ssm:${PARAMETER}` }),
    },
    skewMs: (instance: number) => skews[instance % skews.length] ?? 0,
  });
  const [first, ...more] = plan.stacks;
  let stacks: Stack[] = [];
  let coming = 0;
  const later = (delayMs: number, run: () => void) => {
    coming++;
    clock.after(delayMs, () => {
      coming--;
      run();
    });
  };
  const onCall = (call: MadeCall) => {
    calls.push(call);
    const event = cloudTrailEvent(call);
    // CloudTrail takes some time. Each Region has its own default bus.
    if (event && event.region === HOME) later(draw.whole(1, 120) * 1000, () => stacks[0]?.deliver(event));
  };
  const sandbox = await startSandbox({
    ...{ world: { ...plan.world, quotas: plan.quotas, faults: [] }, clock, onCall },
    stack: stackOptions(first),
    moreStacks: more.map(stackOptions),
  });
  try {
    stacks = [sandbox.stack, ...sandbox.moreStacks].filter((stack) => stack !== undefined);
    const start = startOf(sandbox.cloud, clock.nowMs());
    const schedulesAtMs: number[] = [];
    const fire = () => {
      schedulesAtMs.push(clock.nowMs());
      for (const stack of stacks) stack.fireSchedule();
    };
    const idle = async () => {
      do {
        await Promise.all(stacks.map((stack) => stack.idle()));
        if (coming > 0) await new Promise((resolve) => setTimeout(resolve, 2));
      } while (coming > 0 || stacks.some((stack) => stack.isBusy()));
    };
    sandbox.setFaults(plan.faults);
    for (const { atS, region, ...other } of plan.actions) later(atS * 1000, () => sandbox.carryOut(other, region));
    for (const { atS, queue, body } of plan.poison) later(atS * 1000, () => stacks[0]?.send(queue, body));
    for (const atS of plan.schedulesAtS) later(atS * 1000, fire);
    fire();
    await idle();
    sandbox.setFaults([]);
    const faultsEndedAtMs = clock.nowMs();
    fire();
    await idle();
    const evidence = stacks.map((stack, index) =>
      stackEvidence(sandbox, stack, plan.stacks[index] ?? first, { calls, schedulesAtMs, isFirst: index === 0 }),
    );
    return { start, calls, stacks: evidence, faultsEndedAtMs };
  } finally {
    await sandbox.close();
    clock.close();
  }
}

function startOf(cloud: Cloud, atMs: number): Start {
  const stores: Record<string, string | null> = {};
  const keys = new Map<string, KeyRecord>();
  const aliases: Record<string, string> = {};
  for (const [place, state] of cloud.regions) {
    const [account = '', region = ''] = place.split('/');
    for (const key of state.keys.values()) {
      const isFit =
        key.KeySpec === 'SYMMETRIC_DEFAULT' && key.KeyUsage === 'ENCRYPT_DECRYPT' && key.KeyManager !== 'AWS';
      const isReadable = account === ACCOUNT || key.policyText.includes('"Action":"kms:DescribeKey"');
      keys.set(key.Arn, { arn: key.Arn, state: key.KeyState, isFit, isReadable });
    }
    if (account !== ACCOUNT) continue;
    for (const { logGroupName, kmsKeyId = null } of state.logGroups.values())
      stores[`${region} ${logGroupName}`] = kmsKeyId;
    for (const { AliasName, TargetKeyId } of state.aliases.values()) {
      aliases[`${region} ${AliasName}`] = state.keys.get(TargetKeyId)?.Arn ?? '';
    }
  }
  return { atMs, stores, keys: [...keys.values()], aliases };
}

interface Noted {
  readonly calls: readonly MadeCall[];
  readonly schedulesAtMs: readonly number[];
  readonly isFirst: boolean;
}

function stackEvidence(sandbox: Sandbox, stack: Stack, planned: PlannedStack, noted: Noted): StackEvidence {
  const { name } = planned;
  const { calls, schedulesAtMs, isFirst } = noted;
  const actor = (id: string) => (isFirst ? id : `${name}.${id}`);
  const [scanActor, remediateActor] = [actor('ScanFunction'), actor('RemediateFunction')];
  const environment = stack.environment('RemediateFunction');
  const itemsIn = (tableName = '') =>
    [...sandbox.cloud.regions.values()].flatMap(({ tables }) => [...(tables.get(tableName)?.items.values() ?? [])]);
  const writtenAt = new Map(
    calls
      .filter((call) => call.name === 'dynamodb:PutItem' && call.actingAs === remediateActor)
      .map(({ atMs, input }) => [(input['Item'] as Item)?.['entryId']?.S, atMs]),
  );
  const journal = itemsIn(environment['LOGSEAL_JOURNAL_TABLE']).map(({ entryId, entry }): WrittenEntry => {
    const read = JSON.parse(entry?.S ?? '{}') as KeyEntry;
    return { ...read, writtenAtMs: writtenAt.get(entryId?.S) ?? 0 };
  });
  const held = itemsIn(stack.environment('ScanFunction')['LOGSEAL_SCAN_TABLE']).flatMap(({ target, runId, again }) =>
    runId?.S === undefined ? [] : [{ region: target?.S?.split('/').at(-1) ?? '', runId: runId.S, again: again?.S }],
  );
  const queues = ['ScanQueue', 'ScanDeadLetterQueue', 'RemediateQueue', 'RemediateDeadLetterQueue'];
  return {
    ...planned,
    key: environment['LOGSEAL_KEY'] ?? '',
    ...{ scanActor, remediateActor, schedulesAtMs, journal, held },
    events: stack.events(),
    waiting: queues.flatMap((queue) => stack.deadLetters(queue)),
    lines: { scan: stack.logs('ScanFunction'), remediate: stack.logs('RemediateFunction') },
    hasLease: 'LOGSEAL_SCAN_TABLE' in stack.environment('ScanFunction'),
  };
}

type Item = Readonly<Record<string, { readonly S?: string }>>;
