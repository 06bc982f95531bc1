import { createHook } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { Timers } from '../clock.ts';
import { CELL, LEAP, realMs, type SharedClock } from '../leaping-clock.ts';

/** Replaces the timers and `Date` of this thread by those of a clock that leaps, before any code is loaded that uses them. */
export function installClock({ leapt, own, skewMs }: SharedClock): () => number {
  const nowMs = () => realMs() + Number(Atomics.load(leapt, 0)) / 1000;
  const timers = new Timers(nowMs, () => {
    const next = timers.nextMs;
    Atomics.store(own, CELL.NEXT_US, next === undefined ? 0n : BigInt(Math.max(1, Math.ceil(next * 1000))));
  });
  parentPort?.on('message', (message: { kind?: string }) => message.kind === LEAP.kind && timers.runDue());

  class LeapingTimeout {
    [Symbol.toPrimitive]() {
      return 0;
    }
    ref() {
      return this;
    }
    unref() {
      return this;
    }
    hasRef() {
      return true;
    }
  }
  const { clearTimeout: clearReal } = globalThis;
  Object.assign(globalThis, {
    setTimeout: (run: (...args: unknown[]) => void, delayMs = 1, ...args: unknown[]) =>
      timers.add(delayMs, () => run(...args), new LeapingTimeout()),
    clearTimeout: (handle: unknown) =>
      handle instanceof LeapingTimeout ? timers.remove(handle) : clearReal(handle as NodeJS.Timeout),
  });
  Object.assign(timersPromises, {
    setTimeout: (delayMs = 1, value?: unknown) =>
      new Promise((resolve) => void timers.add(delayMs, () => resolve(value))),
  });
  syncBuiltinESMExports();

  const RealDate = Date;
  class LeapingDate extends RealDate {
    constructor(...args: []) {
      if (args.length === 0) super(LeapingDate.now());
      else super(...args);
    }
    static override now() {
      return Math.floor(nowMs() + skewMs);
    }
  }
  Object.assign(globalThis, { Date: LeapingDate });

  subscribe('http.client.request.start', (message) => {
    const { request } = message as { request: ClientRequest };
    Atomics.add(own, CELL.REQUESTS, 1n);
    request.once('close', () => Atomics.sub(own, CELL.REQUESTS, 1n));
  });
  countFileReads(own);
  return nowMs;
}

/** Reading a file takes real time, in which the thread does nothing: the SDK reads its settings before its first call. */
function countFileReads(own: BigInt64Array): void {
  const open = new Set<number>();
  const end = (id: number) => {
    if (open.delete(id)) Atomics.sub(own, CELL.REQUESTS, 1n);
  };
  const init = (id: number, type: string) => {
    if (!type.startsWith('FSREQ')) return;
    open.add(id);
    Atomics.add(own, CELL.REQUESTS, 1n);
  };
  createHook({ init, before: end, destroy: end, trackPromises: false }).enable();
}
