import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { outcomeSchema, parseDocument, planSchema, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld, linesOf, startLogseal } from '../support/logseal.ts';

const FAULTS = [{ call: 'logs:DescribeLogGroups', kind: 'latency', latencyMs: 300 }] as const;
const WORLD = aWorld({ bulk: [{ name: '/bulk/{n}', count: 150 }], faults: [...FAULTS] });

describe('a result that is written while the log stores are listed', () => {
  it.each(['json', 'ndjson'])('has the first findings before the rest is known, as %s', async (format) => {
    const { options } = await aDesk(WORLD);
    const child = startLogseal(`scan --format ${format}`, options);
    if (!child.stdout) throw new Error('no pipe');

    const [first] = await once(child.stdout, 'data');
    const head = String(first);
    expect(child.exitCode).toBeNull();
    expect(head).toContain('"name":"/bulk/1"');
    expect(head).not.toContain('"name":"/bulk/99"');
    expect(head).not.toContain('"summary"');

    const whole = head + (await text(child.stdout));
    if (format === 'json') expect(parseDocument(scanSchema, whole).findings).toHaveLength(150);
    else expect(linesOf(whole)).toHaveLength(151);
  });

  it('has its items before its totals', async () => {
    const { run } = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 120 }] }));

    const scanned = await run('scan --format json');
    const planned = await run('plan --key alias/logseal --format json');
    const applied = await run('apply --key alias/logseal --yes --quiet --format json');

    parseDocument(scanSchema, scanned.stdout);
    parseDocument(planSchema, planned.stdout);
    parseDocument(outcomeSchema, applied.stdout);
    expect(Object.keys(JSON.parse(scanned.stdout))).toEqual([
      ...['schema', 'findings', 'status', 'run', 'summary', 'targets', 'config', 'exemptions'],
    ]);
    expect(Object.keys(JSON.parse(planned.stdout)).slice(0, 2)).toEqual(['schema', 'steps']);
    expect(Object.keys(JSON.parse(applied.stdout)).slice(0, 2)).toEqual(['schema', 'steps']);
  });

  it('of several Regions is one valid document, whatever the order of their pages', async () => {
    const world = aWorld({
      bulk: [{ name: '/bulk/{n}', count: 120 }],
      elsewhere: [{ region: 'us-east-1', bulk: [{ name: '/far/{n}', count: 120 }] }],
    });
    const { run } = await aDesk(world);
    const words = 'scan --region eu-west-1 --region us-east-1';

    const json = await run(`${words} --format json`);
    const ndjson = await run(`${words} --format ndjson`);

    const { findings, summary } = parseDocument(scanSchema, json.stdout);
    const lines = linesOf(ndjson.stdout);
    const names = findings.map(({ region, name }) => `${region} ${name}`);
    expect(summary.stores).toBe(240);
    expect(new Set(names).size).toBe(240);
    expect(
      lines
        .slice(0, -1)
        .map(({ region, name }) => `${region} ${name}`)
        .toSorted(),
    ).toEqual(names.toSorted());
    expect(lines.at(-1)).toMatchObject({ schema: 'logseal/scan-summary/1', summary });
    // Within a Region they keep the order of the listing.
    for (const region of ['eu-west-1', 'us-east-1']) {
      const own = findings.filter((finding) => finding.region === region).map(({ name }) => name);
      expect(own).toEqual(own.toSorted());
    }
  });

  it('without anything in it is valid as well', async () => {
    const { run } = await aDesk({ region: 'eu-west-1' });

    const { status, stdout } = await run('scan --format json');

    expect(status).toBe(0);
    expect(parseDocument(scanSchema, stdout)).toMatchObject({ status: 'COMPLETE', findings: [] });
  });
});
