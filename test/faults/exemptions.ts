import type { Fault, World } from '../../sandbox/world.ts';
import type { TimedAction } from './actions.ts';
import type { Random } from './random.ts';
import { HOME } from './worlds.ts';

export const PARAMETER = '/logseal/config';

/** A configuration that exempts log groups, and what happens to it. */
export interface PlannedExemption {
  /** What the names of exempt log groups begin with. */
  readonly prefix: string;
  readonly parameters: NonNullable<World['parameters']>;
  readonly faults: readonly Fault[];
  readonly actions: readonly TimedAction[];
}

/** In some worlds. Its reads fail for a while, or somebody breaks it and puts it right. */
export function drawExemption(draw: Random): PlannedExemption | null {
  if (!draw.chance(0.3)) return null;
  const prefix = '/app/1';
  const text = configurationOf(prefix);
  const fromS = draw.whole(0, 120);
  const untilS = fromS + draw.whole(30, 900);
  const write = (atS: number, Value: string): TimedAction => ({
    ...{ atS, region: HOME, call: 'ssm:PutParameter' },
    input: { Name: PARAMETER, Value, Overwrite: true },
  });
  const kind = draw.pick(['unavailable', 'throttle', 'deny', 'reset'] as const);
  const isBroken = draw.chance(0.4);
  return {
    prefix,
    parameters: { [PARAMETER]: text },
    faults: isBroken ? [] : [{ call: 'ssm:GetParameter', kind, fromS, untilS }],
    actions: isBroken ? [write(fromS, 'exemptions: everything'), write(untilS, text)] : [],
  };
}

/** The file that exempts log groups whose names begin so. */
export function configurationOf(prefix: string): string {
  const expires = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);
  const exemption = { id: 'drawn', match: { names: [`${prefix}*`] }, reason: 'r', owner: 'o', expires };
  return JSON.stringify({ schema: 'logseal/config/1', exemptions: [exemption] });
}
