import { appendFileSync } from 'node:fs';
import { onTestFinished, test } from 'vitest';
import { leapingClock } from '../../sandbox/leaping-clock.ts';
import { aFindingEvent } from '../events/builders.ts';
import { aWorld } from '../support/logseal.ts';
import { bundleTemplate } from '../faults/bundle.ts';
import { aStack, countBy } from '../functions/stack.ts';
const bundled = await bundleTemplate();

const COPIES = (process.env.COPIES ?? '2').split(',');
const N = Number(process.env.N ?? 2500);
test.each(COPIES)('sim %s', async (copies) => {
  const names = Array.from({ length: N }, (_, i) => `/many/${i}`);
  const clock = leapingClock();
  onTestFinished(() => clock.close());
  const world = { ...aWorld({ groups: { '/healthy': 'logseal', ...Object.fromEntries(names.map((n) => [n, null])) } }), quotas: 'aws' as const };
  const stack = await aStack({ world, mode: 'Enforce', template: bundled.path, clock, timeScale: 1, parameters: { RemediateConcurrency: copies } });
  const lat = Number(process.env.LAT ?? 100);
  if (lat) stack.sandbox.setFaults([{ call: 'logs:*', kind: 'latency', latencyMs: lat }, { call: 'dynamodb:*', kind: 'latency', latencyMs: 10 }] as never);
  const t0 = clock.nowMs(); const r0 = Date.now();
  for (const n of names) stack.stack.send('RemediateQueue', aFindingEvent(n));
  const tick = setInterval(() => appendFileSync('/tmp/h1-sim.txt', `  ${copies} t=${Math.round((clock.nowMs() - t0)/1000)} real=${Math.round((Date.now()-r0)/1000)} outcomes=${stack.stack.events().length}\n`), 20000);
  await stack.stack.idle();
  clearInterval(tick);
  const logs = stack.stack.logs('RemediateFunction');
  const breakdown = stack.sandbox as unknown as { breakdown?: () => unknown };
  const res = {
    copies, N, lat,
    simS: (clock.nowMs() - t0) / 1000, realS: (Date.now() - r0) / 1000,
    outcomes: countBy(stack.outcomes()),
    errors: logs.filter((l) => l.includes('"ERROR"')).length,
    returned: logs.filter((l) => l.includes('event failed and returns')).length,
    attempts: Object.groupBy(logs.filter((l) => l.includes('event failed and returns')).map((l) => JSON.parse(l).attempt as number), (a) => String(a)),
    waits: logs.filter((l) => l.includes('a call waits to be')).length,
    timedOut: logs.filter((l) => l.includes('timed out')).length,
    dead: stack.stack.deadLetters('RemediateDeadLetterQueue').length,
    calls: stack.sandbox.calls(),
    keys: Object.keys(breakdown),
  };
  appendFileSync('/tmp/h1-sim.txt', JSON.stringify({ ...res, attempts: Object.fromEntries(Object.entries(res.attempts).map(([k, v]) => [k, v?.length])) }) + '\n');
  appendFileSync('/tmp/h1-sim.txt', [...new Set(logs.filter((l) => l.includes('"ERROR"')).map((l) => JSON.parse(l).error?.message?.replace(/\d+/g, 'N').slice(0,200)))].slice(0, 5).join('\n') + '\n');
}, 1_500_000);
