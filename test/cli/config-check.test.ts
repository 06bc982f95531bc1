import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it, test } from 'vitest';
import { aDesk, aDirectory, aWorld, type Desk, linesOf, runProcess } from '../support/logseal.ts';

const NOW = { now: () => new Date('2026-11-28T12:00:00Z') };
const FILE = `schema: logseal/config/1
exemptions:
  - id: vendor-logs
    match: { names: ["/vendor/*", "^/app/.*$"] }
    reason: The vendor's agent cannot write to an encrypted group
    owner: platform@example.com
    expires: 2027-03-31
  - id: old
    match: { names: ["/gone"] }
    reason: gone
    owner: me
    expires: 2026-11-27
  - id: data
    match: { tags: { team: data } }
    reason: by tag
    owner: me
    expires: 2026-11-28
keys:
  - match: { names: ["/pay/*"] }
    key: alias/payments
  - match: { names: ["/pay/cards"] }
    key: alias/cards
`;
const BROKEN = `schema: logseal/config/1
exemptions:
  - id: a
    match: {}
    reason: r
    owner: o
    expires: soon
`;

/** A desk without a cloud, since the command calls nothing. */
async function aDeskWith(files: Readonly<Record<string, string>>): Promise<Desk> {
  const desk = await aDesk({});
  for (const [name, content] of Object.entries(files)) await desk.write(name, content);
  return { ...desk, run: (words, options) => desk.run(words, { ...NOW, ...options }) };
}

describe('config check', () => {
  test('shows each entry, and when it expires', async () => {
    const desk = await aDeskWith({ 'logseal.yaml': FILE });

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
    await desk.write('logseal.yaml', FILE);
    await desk.run('scan --format json --output scan.json');
    desk.sandbox.resetCalls();

    const { status, stdout } = await desk.run('config check logseal.yaml --scan scan.json', NOW);

    expect(status).toBe(0);
    expect(stdout.split('\n').filter((line) => /matches|asks|decides|and 2 more/.test(line))).toEqual([
      '  matches 7 log stores: /vendor/1, /vendor/2, /vendor/3, /vendor/4, /vendor/5',
      '  and 2 more',
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

    const { status, stdout } = await desk.run('config check -', { stdin: FILE });

    expect(status).toBe(0);
    expect(stdout.split('\n')[0]).toBe('standard input');
  });

  test('writes a document', async () => {
    const desk = await aDeskWith({ 'logseal.yaml': FILE });
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
      matched: { stores: 1, decides: 1, names: ['/vendor/a'] },
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
    const desk = await aDeskWith({ 'logseal.yaml': FILE, 'scan.json': scanOf([], 'PARTIAL') });

    const { stdout } = await desk.run('config check logseal.yaml --scan scan.json');

    expect(stdout).toContain('note: the scan is PARTIAL: an entry may match more than is shown\n');
  });

  it.each<[string, readonly string[]]>([
    ['config check', ['logseal: expected the configuration FILE to check, or - for standard input, got none']],
    ['config check logseal.yaml another', ['logseal: unexpected argument "another"']],
    [
      'config check ssm:/logseal',
      ['logseal: FILE: expected a file, or - for standard input, got "ssm:/logseal": config check calls nothing'],
    ],
    [
      'config check none.yaml',
      [expect.stringContaining('FILE: expected a file that can be read, got none.yaml (ENOENT')],
    ],
    ['config check .', [expect.stringContaining('FILE: expected a file that can be read, got . (EISDIR')]],
    [
      'config check large.yaml',
      ['logseal: FILE: expected a file that can be read, got large.yaml (it is larger than 1 MiB)'],
    ],
    [
      'config check logseal.yaml --output logseal.yaml',
      ['logseal: --output: expected another file than the configuration, got logseal.yaml'],
    ],
    [
      'config check logseal.yaml --scan scan.json --output scan.json',
      ['logseal: --output: expected another file than that of the scan, got scan.json'],
    ],
    [
      'config check logseal.yaml --scan none.json',
      [expect.stringContaining('--scan: expected what logseal scan --format json writes, got none.json (ENOENT')],
    ],
    [
      'config check logseal.yaml --scan logseal.yaml',
      [
        expect.stringContaining(
          'logseal: --scan: expected what logseal scan --format json writes, got logseal.yaml (expected JSON',
        ),
      ],
    ],
    [
      'config check logseal.yaml --scan edited.json',
      [
        'logseal: --scan: expected what logseal scan --format json writes, got edited.json (findings[0]: region: expected a Region of the provider; expected an ARN that is made of the same account, Region and name)',
      ],
    ],
    ['config check logseal.yaml --scan plan.json', [expect.stringContaining('got plan.json (schema: ')]],
  ])('%s', async (words, mistakes) => {
    const desk = await aDeskWith({
      'logseal.yaml': FILE,
      'large.yaml': '#'.repeat(5_000_000),
      'scan.json': scanOf(['/a'], 'COMPLETE'),
      'edited.json': scanOf(['/a'], 'COMPLETE').replace('"region":"eu-west-1"', '"region":"nowhere"'),
      'plan.json': scanOf([], 'COMPLETE').replace('logseal/scan/1', 'logseal/plan/1'),
    });

    const { status, stdout, stderr } = await desk.run(words);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([...mistakes, 'see logseal --help']);
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
    await pipeline(Readable.from([FILE]), createWriteStream(join(directory, 'logseal.yaml')));

    const { status, stdout, stderr } = await runProcess('config check logseal.yaml --scan scan.json --format json', {
      cwd: directory,
      env: { NODE_OPTIONS: '--max-old-space-size=60' },
    });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout).entries[0].matched.stores).toBe(40_000);
  });
});

function findingOf(name: string, message: string): string {
  const arn = `arn:aws:logs:eu-west-1:111122223333:log-group:${name}`;
  const store = { provider: 'aws', account: '111122223333', region: 'eu-west-1', type: 'log-group', name, arn };
  return JSON.stringify({ ...store, status: 'NON_COMPLIANT', reasons: [{ code: 'NO_KEY', message }] });
}

function scanOf(names: readonly string[], status: string): string {
  const findings = names.map((name) => findingOf(name, 'no key')).join(',\n');
  return `{"schema":"logseal/scan/1","findings":[${findings}],"status":"${status}","targets":[]}\n`;
}
