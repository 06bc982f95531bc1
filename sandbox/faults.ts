import { createHash } from 'node:crypto';
import { type Clock, realClock } from './clock.ts';
import { ENTRY_KINDS, type EntryKind } from './entry-kind.ts';
import type { Fault } from './world.ts';

/** Finds the faults that hit a request. */
export type FaultKeeper = ReturnType<typeof createFaultKeeper>;

/** @param seed with the same seed, faults and requests, the same requests are hit */
export function createFaultKeeper(faults: readonly Fault[], seed: number, clock: Clock = realClock) {
  const beganAtMs = clock.nowMs();
  const entries = faults.map((fault, index) => ({ fault, index, matched: 0, struck: 0 }));
  function strike(call: string, input: object, entryKinds?: readonly EntryKind[]): Fault[] {
    const values = Object.values(input).flat();
    const striking = entries.filter((entry) => {
      const { skip = 0, times = Number.POSITIVE_INFINITY, rate = 1, resource } = entry.fault;
      const { fromS = 0, untilS = Number.POSITIVE_INFINITY } = entry.fault;
      const isWanted = (entryKinds ?? ENTRY_KINDS).some((kind) => kind === entry.fault.kind) === Boolean(entryKinds);
      if (!isWanted) return false;
      if (!isAbout(entry.fault.call, call)) return false;
      const seconds = (clock.nowMs() - beganAtMs) / 1000;
      if (seconds < fromS || seconds >= untilS) return false;
      if (resource !== undefined && !values.includes(resource)) return false;
      const draw = random(`${seed} ${entry.index} ${entry.matched}`);
      const strikes = entry.matched++ >= skip && entry.struck < times && draw < rate;
      if (strikes) entry.struck++;
      return strikes;
    });
    return striking.map(({ fault }) => fault);
  }
  /** Whether a fault denies every such call, so that IAM's simulation must deny it too. */
  function denies(call: string, names: readonly string[]): boolean {
    return faults.some(
      ({ kind, call: denied, resource, skip, times, rate, fromS, untilS }) =>
        kind === 'deny' &&
        isAbout(denied, call) &&
        (resource === undefined || names.includes(resource)) &&
        [skip, times, rate, fromS, untilS].every((limit) => limit === undefined),
    );
  }
  return { strike, denies };
}

/** @param wanted a call, `*`, or every call of a service: `kms:*` */
function isAbout(wanted: string, call: string): boolean {
  return wanted === '*' || wanted === call || (wanted.endsWith(':*') && call.startsWith(wanted.slice(0, -1)));
}

/** At least 0, less than 1. */
function random(seed: string): number {
  return createHash('sha256').update(seed).digest().readUInt32BE() / 2 ** 32;
}
