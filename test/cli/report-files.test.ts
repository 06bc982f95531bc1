import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { junitMistakes } from '../report/junit-schema.ts';
import { parseCsv } from '../report/parse-csv.ts';
import { sarifMistakes } from '../report/sarif-schema.ts';
import { aLogstoreDesk, HERE } from '../support/alibaba.ts';
import { aLogsPolicy } from '../support/builders.ts';
import { parseDocument, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld, DEMO, linesOf } from '../support/logseal.ts';
import { GROUP, KEY } from './check-policy.ts';

describe('one scan', () => {
  it('writes every format that it knows, and all say the same', async () => {
    const { run, read, sandbox } = await aDesk(DEMO);
    const files = ['all.json', 'all.csv', 'all.md', 'all.xml', 'all.asff.json', 'all.ocsf.ndjson'];

    const { status, stdout, stderr } = await run(`scan ${files.map((file) => `--output ${file}`).join(' ')}`);

    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    expect(stdout).toContain('28 log stores');
    const [json, csv = '', markdown, xml = '', asff = '', ocsf = ''] = await Promise.all(files.map(read));
    const { findings, summary } = parseDocument(scanSchema, json ?? '');
    const names = findings.map(({ name }) => name);
    expect(parseCsv(csv).map((row) => row[4])).toEqual(['name', ...names]);
    expect([...xml.matchAll(/<testcase name="([^"]*)"/g)].map(([, name]) => name)).toEqual(names);
    expect(await junitMistakes([xml])).toEqual([]);
    expect(linesOf(ocsf).map(({ resources }) => (resources as { name: string }[])[0]?.name)).toEqual(names);
    expect(JSON.parse(asff)).toHaveLength(names.length + 1);
    const attention = summary.nonCompliant + summary.unknown;
    expect(markdown).toMatch(new RegExp(`^## logseal: ${attention} of 28 log stores need attention\n`));
    expect(sandbox.calls()['sts:GetCallerIdentity']).toBe(1);
  });

  it.each([
    ['--format asff', '--format: asff is only for --provider aws'],
    ['--output l.csv --output l.asff.json', '--output: asff is only for --provider aws'],
  ])('of Logstores is not for Security Hub: %s', async (words, mistake) => {
    const { run, files } = await aLogstoreDesk({ never: 'off' });

    const { status, stderr } = await run(`scan ${HERE} ${words}`);

    expect(status).toBe(2);
    expect(stderr).toContain(`logseal: ${mistake}\n`);
    expect(await files()).toEqual([]);
  });

  it('of Logstores goes to the other formats', async () => {
    const { run, read } = await aLogstoreDesk({ never: 'off' });

    expect((await run(`scan ${HERE} --output l.csv --output l.ocsf.ndjson --output l.xml`)).status).toBe(3);
    expect(parseCsv(await read('l.csv'))[1]?.slice(0, 4)).toEqual([
      'alibaba',
      expect.anything(),
      'cn-hangzhou',
      'logstore',
    ]);
    expect(linesOf(await read('l.ocsf.ndjson'))).toMatchObject([{ cloud: { provider: 'Alibaba Cloud' } }]);
    expect(await read('l.xml')).toContain('<failure type="ENCRYPTION_OFF"');
  });
});

describe('markdown of what changes', () => {
  it('is written by plan, apply, undo and key check', async () => {
    const { run, read } = await aDesk(aWorld({ groups: { '/a': null } }));

    await run('plan --key alias/logseal --output plan.md');
    await run('apply --key alias/logseal --yes --journal j.ndjson --output apply.md');
    await run('key check --key alias/logseal --output check.md');
    const [plan, apply, check] = [await read('plan.md'), await read('apply.md'), await read('check.md')];

    expect(plan).toMatch(/^## logseal plan: 1 to seal, 0 refused\n/);
    expect(apply).toMatch(/^## logseal: 1 sealed\n/);
    expect(check).toMatch(/^## logseal key check: `alias\/logseal`\n/);
    const [, id = ''] = /undo --run (\S+)/.exec(apply) ?? [];
    await run(`undo --run ${id} --journal j.ndjson --yes --output undo.md`);
    expect(await read('undo.md')).toMatch(/^## logseal: 0 sealed, 1 unsealed\n/);
  });
});

describe('policy check for code scanning', () => {
  const DENIED = JSON.stringify(
    {
      ...JSON.parse(aLogsPolicy()),
      Statement: [
        ...JSON.parse(aLogsPolicy()).Statement,
        { Sid: 'No', Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' },
      ],
    },
    null,
    2,
  );
  const line = DENIED.split('\n').findIndex((text) => text.includes('"No"'));

  const locationIn = (text: string) => {
    const document = JSON.parse(text);
    expect(sarifMistakes(document)).toEqual([]);
    return document.runs[0].results.map(
      ({ locations }: { locations?: readonly { physicalLocation: object }[] }) => locations?.[0]?.physicalLocation,
    );
  };
  const words = (policy: string) => `policy check --policy ${policy} --key-arn ${KEY} --log-group-arn ${GROUP}`;

  it('points at the statement, in the file as it is called from where the command was typed', async () => {
    const { run, read, write, directory } = await aDesk(aWorld());
    await mkdir(join(directory, 'keys'));
    await write('keys/key.json', DENIED);

    const { status, stdout } = await run(`${words('./keys/key.json')} --output key.sarif --output key.xml`);
    await run(`${words('../keys/key.json')} --output up.sarif`, { cwd: join(directory, 'keys') });

    const at = (uri: string) => [
      { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, region: expect.objectContaining({ startLine: line }) },
    ];
    expect({ status, isTable: stdout.startsWith('DENIED') }).toEqual({ status: 3, isTable: true });
    expect(locationIn(await read('key.sarif'))).toEqual(at('keys/key.json'));
    expect(locationIn(await read('keys/up.sarif'))).toEqual(at('key.json'));
    expect(await read('key.xml')).toContain(`<testcase name="${GROUP}"`);
  });

  it('has no result for a policy that is fine, with one log group and with several', async () => {
    const { run, write } = await aDesk(aWorld());
    await write('key.json', aLogsPolicy());

    for (const more of ['', ` --log-group-arn ${GROUP}b`]) {
      const { status, stdout } = await run(`${words('key.json')}${more} --format sarif`);
      expect({ status, results: locationIn(stdout) }).toEqual({ status: 0, results: [] });
    }
  });

  it('names the query results', async () => {
    const { run, write } = await aDesk(aWorld());
    await write('key.json', DENIED);

    const { stdout } = await run(
      `policy check --policy key.json --key-arn ${KEY} --query-results 111122223333 --format junit`,
    );

    expect(stdout).toContain('<testcase name="arn:aws:logs:eu-west-1:111122223333:query-result:*"');
  });

  it('has no location where the policy is read from standard input', async () => {
    const { run } = await aDesk(aWorld());

    const { stdout } = await run(`${words('-')} --format sarif`, { stdin: DENIED });

    expect(locationIn(stdout)).toEqual([undefined]);
  });
});
