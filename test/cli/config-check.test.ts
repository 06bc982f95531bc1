import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, test } from 'vitest';
import { aDesk, aDirectory, aWorld, linesOf, runProcess } from '../support/logseal.ts';
import { aDeskWith, CONFIG, findingOf, NOW, scanOf } from './config-check-desk.ts';

const BROKEN = `schema: logseal/config/1
exemptions:
  - id: a
    match: {}
    reason: r
    owner: o
    expires: soon
`;

describe('config check', () => {
  test('shows each entry, and when it expires', async () => {
    const desk = await aDeskWith({ 'logseal.yaml': CONFIG });

    const { status, stdout, stderr } = await desk.run('config check logseal.yaml');

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(`logseal.yaml

vendor-logs exemption, line 3
  expires 2027-03-31, in 123 days
  platform@example.com: The vendor's agent cannot write to an encrypted group
  names /vendor/*, ^/app/.*$

old exemption, line 8
  expired on 2026-11-27, 1 day ago
  me: gone
  names /gone

data exemption, line 13
  expires 2026-11-28, today
  me: by tag
  tags team=data

alias/payments key rule 1, line 19
  names /pay/*

alias/cards key rule 2, line 21
  names /pay/cards

Warnings
line 4: exemptions[0].match.names[1]: "^/app/.*$" is a glob, but reads like a
  regular expression: * alone stands for any characters, ? for one, and
  everything else for itself; was "/app/*" meant?

3 exemptions (1 expired), 2 key rules, 1 warning, no mistakes
`);
    expect(desk.sandbox.calls()).toEqual({});
  });

  test('shows what each entry matches in a scan', async () => {
    const desk = await aDesk(aWorld({ groups: { '/pay/cards': null }, bulk: [{ name: '/vendor/{n}', count: 7 }] }));
    await desk.write('logseal.yaml', CONFIG);
    await desk.run('scan --format json --output scan.json');
    desk.sandbox.resetCalls();

    const { status, stdout } = await desk.run('config check logseal.yaml --scan scan.json', NOW);

    expect(status).toBe(0);
    expect(stdout.split('\n').filter((line) => /matches|asks|decides|and 2 more/.test(line))).toEqual([
      '  matches 7 log stores: /vendor/1, /vendor/2, /vendor/3, /vendor/4, /vendor/5',
      '  and 2 more; nothing matches ^/app/.*$',
      '  matches nothing in this scan',
      '  asks for tags, which a scan does not have: what it matches is not known',
      '  matches 1 log store: /pay/cards',
      '  matches 1 log store: /pay/cards; an earlier rule decides for all of them',
    ]);
    expect(desk.sandbox.calls()).toEqual({});
  });

  test('lists every mistake with its line, and ends with 2', async () => {
    const desk = await aDeskWith({ 'logseal.yaml': BROKEN });

    const { status, stdout, stderr } = await desk.run('config check logseal.yaml');

    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(stdout).toBe(`logseal.yaml
line 4: exemptions[0].match: expected names or tags at least, got neither
line 7: exemptions[0].expires: expected a day such as 2027-03-31, got "soon"

2 mistakes
`);
  });

  test('reads standard input', async () => {
    const desk = await aDeskWith({});

    const { status, stdout } = await desk.run('config check -', { stdin: CONFIG });

    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toBe('standard input');
  });

  test('writes a document', async () => {
    const desk = await aDeskWith({ 'logseal.yaml': CONFIG });
    await desk.write('scan.json', scanOf(['/vendor/a'], 'PARTIAL'));

    const { stdout } = await desk.run('config check logseal.yaml --scan scan.json --format json');

    const { entries, ...totals } = JSON.parse(stdout);
    expect(totals).toEqual({
      schema: 'logseal/config-check/1',
      file: 'logseal.yaml',
      mistakes: [],
      warnings: [{ line: 4, column: 35, message: expect.stringContaining('exemptions[0].match.names[1]') }],
      scan: { status: 'PARTIAL', stores: 1 },
    });
    expect(entries).toHaveLength(5);
    expect(entries[0]).toEqual({
      type: 'EXEMPTION',
      line: 3,
      exemption: {
        id: 'vendor-logs',
        reason: "The vendor's agent cannot write to an encrypted group",
        owner: 'platform@example.com',
        expires: '2027-03-31',
        state: 'ACTIVE',
        daysLeft: 123,
      },
      key: null,
      match: { names: ['/vendor/*', '^/app/.*$'] },
      matched: { stores: 1, decides: 1, names: ['/vendor/a'], unmatched: ['^/app/.*$'] },
    });
    expect(entries[2]).toMatchObject({ matched: null });
    expect(entries[4]).toMatchObject({ type: 'KEY_RULE', exemption: null, key: 'alias/cards', line: 21 });
  });

  test('writes the mistakes as lines of JSON, too', async () => {
    const desk = await aDeskWith({ 'logseal.yaml': BROKEN });

    const { status, stdout } = await desk.run('config check logseal.yaml --format ndjson');

    expect(status).toBe(2);
    expect(linesOf(stdout)).toMatchObject([
      {
        schema: 'logseal/config-check-summary/1',
        mistakes: [
          { line: 4, column: 12 },
          { line: 7, column: 14 },
        ],
      },
    ]);
  });

  test('says that a scan was not complete', async () => {
    const desk = await aDeskWith({ 'logseal.yaml': CONFIG, 'scan.json': scanOf([], 'PARTIAL') });

    const { stdout } = await desk.run('config check logseal.yaml --scan scan.json');

    expect(stdout).toContain('note: the scan is PARTIAL: an entry may match more than is shown\n');
  });

  test('reads a scan of any size in bounded memory', async () => {
    const directory = await aDirectory();
    const finding = findingOf('/vendor/a', 'x'.repeat(2_000));
    await pipeline(
      Readable.from(
        (function* () {
          yield '{"schema":"logseal/scan/1","findings":[';
          for (let n = 0; n < 40_000; n++) yield `${n === 0 ? '' : ',\n'}${finding}`;
          yield '],"status":"COMPLETE"}';
        })(),
      ),
      createWriteStream(join(directory, 'scan.json')),
    );
    await pipeline(Readable.from([CONFIG]), createWriteStream(join(directory, 'logseal.yaml')));

    const { status, stdout, stderr } = await runProcess('config check logseal.yaml --scan scan.json --format json', {
      cwd: directory,
      env: { NODE_OPTIONS: '--max-old-space-size=60' },
    });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout).entries[0].matched.stores).toBe(40_000);
  });
});
