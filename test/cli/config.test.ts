import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { outcomeSchema, parseDocument, planSchema, scanSchema } from '../support/documents.ts';
import { keysOf } from '../support/keys.ts';
import { aDesk, aWorld, DEMO } from '../support/logseal.ts';

const anEntry = (id: string, match: string, expires = '2027-03-31') =>
  `  - id: ${id}\n    match: ${match}\n    reason: its agent cannot write to it\n    owner: team@example.com\n    expires: ${expires}\n`;
const aFile = (exemptions: string, keys = '') =>
  `schema: logseal/config/1\nexemptions:${exemptions ? `\n${exemptions}` : ' []\n'}${keys && `keys:\n${keys}`}`;

/** A desk with a configuration file. */
async function aConfiguredDesk(world: World | string, file: string) {
  const desk = await aDesk(world);
  await writeFile(join(desk.directory, 'logseal.yaml'), file);
  return desk;
}

const GROUPS: World['groups'] = {
  '/vendor/a': { key: null, tags: { team: 'data' } },
  '/vendor/b': { key: null, tags: { team: 'web' } },
  '/app': null,
  '/pay/a': null,
};
const world = aWorld({ groups: GROUPS });

describe('a configuration', () => {
  it('brings the demo account to 0, and every exemption stays visible', async () => {
    const scanned = await (await aDesk(DEMO)).run('scan --format json');
    const open = parseDocument(scanSchema, scanned.stdout).findings.filter(({ status }) =>
      ['NON_COMPLIANT', 'UNKNOWN'].includes(status),
    );
    const names = open.map(({ name }) => JSON.stringify(name)).join(', ');
    const { run } = await aConfiguredDesk(DEMO, aFile(anEntry('legacy', `{ names: [${names}] }`)));

    const table = await run('scan --config logseal.yaml --all');
    const json = await run('scan --config logseal.yaml --format json');

    expect([scanned.status, table.status, json.status]).toEqual([3, 0, 0]);
    for (const { name } of open) expect(table.stdout).toMatch(new RegExp(`${name} +\\S.* legacy +2027-03-31`));
    expect(table.stdout).toContain('team@example.com');
    const { findings, summary, exemptions, config } = parseDocument(scanSchema, json.stdout);
    expect(config).toBe('READ');
    expect(summary).toMatchObject({
      nonCompliant: 0,
      unknown: 0,
      exempt: open.length + 1,
      byReason: {},
      bySeverity: {},
    });
    expect(exemptions).toEqual([
      {
        ...{ id: 'legacy', reason: 'its agent cannot write to it', owner: 'team@example.com', expires: '2027-03-31' },
        ...{ stores: open.length, notices: [] },
      },
    ]);
    for (const { name, severity, reasons } of open) {
      const exempt = findings.find((finding) => finding.name === name);
      expect(exempt).toMatchObject({ status: 'EXEMPT', severity, reasons, exemption: { id: 'legacy' } });
    }
  });

  it('reports what has expired, ends soon or matches nothing, and an expired exemption does not count', async () => {
    const entries = [
      anEntry('over', '{ names: ["/app"] }', '2026-01-01'),
      anEntry('soon', '{ names: ["/vendor/*"] }', '2026-12-05'),
      anEntry('typo', '{ names: ["/vendro/*"] }'),
    ];
    const { run } = await aConfiguredDesk(world, aFile(entries.join('')));
    const now = () => new Date('2026-11-28T12:00:00Z');

    const { stdout } = await run('scan --config logseal.yaml --format json', { now });
    const table = await run('scan --config logseal.yaml', { now });
    const part = await run('scan --config logseal.yaml --exclude /x --include /app --format json', { now });

    const { exemptions, findings } = parseDocument(scanSchema, stdout);
    expect(exemptions.map(({ id, stores, notices }) => [id, stores, ...notices])).toEqual([
      ['over', 1, 'EXPIRED'],
      ['soon', 2, 'ENDS_SOON'],
      ['typo', 0, 'UNMATCHED'],
    ]);
    expect(findings.find(({ name }) => name === '/app')).toMatchObject({ status: 'NON_COMPLIANT', exemption: null });
    expect(table.stdout).toMatch(/\nover +2026-01-01 +1 +expired /);
    expect(table.stdout).toMatch(/\nsoon +2026-12-05 +2 +ends soon /);
    // Not all log groups were looked at.
    expect(parseDocument(scanSchema, part.stdout).exemptions.map(({ notices }) => notices)).toEqual([
      ['EXPIRED'],
      ['ENDS_SOON'],
      [],
    ]);
  });

  it('by tags costs one call for each 100 log groups that have the tag, and none without such an entry', async () => {
    const groups = Object.fromEntries(
      Array.from({ length: 230 }, (_, index) => [`/many/${index}`, { key: null, tags: { team: 'data' } }]),
    );
    const many = await aConfiguredDesk(aWorld({ groups }), aFile(anEntry('data', '{ tags: { team: data } }')));
    const byName = await aConfiguredDesk(aWorld({ groups }), aFile(anEntry('data', '{ names: ["/many/1*"] }')));

    const scanned = parseDocument(scanSchema, (await many.run('scan --config logseal.yaml --format json')).stdout);
    const named = parseDocument(scanSchema, (await byName.run('scan --config logseal.yaml --format json')).stdout);

    expect(scanned.summary.exempt).toBe(230);
    expect(scanned.targets[0]?.apiCalls['tag:GetResources']).toBe(3);
    expect(named.targets[0]?.apiCalls).not.toHaveProperty('tag:GetResources');
  });

  it('is honoured by apply, whose plan in a file names it again', async () => {
    const desk = await aConfiguredDesk(world, aFile(anEntry('vendor', '{ names: ["/vendor/*"] }')));
    const PLAN = 'plan --key alias/logseal --config logseal.yaml --format json --output plan.json';

    const planned = await desk.run(PLAN);
    const without = await desk.run('apply --plan plan.json --yes');
    // Exempt since the plan was made.
    await writeFile(join(desk.directory, 'logseal.yaml'), aFile(anEntry('all', '{ names: ["/app", "/vendor/*"] }')));
    const applied = await desk.run('apply --plan plan.json --config logseal.yaml --yes --format json');

    expect(planned.status).toBe(3);
    const plan = parseDocument(planSchema, await readFile(join(desk.directory, 'plan.json'), 'utf8'));
    expect(plan.steps.map(({ store }) => store.name)).toEqual(['/app', '/pay/a']);
    expect([without.status, without.stderr]).toEqual([
      2,
      expect.stringContaining('--config: expected the configuration that the plan was made with, got none'),
    ]);
    expect(applied.status).toBe(3);
    const outcomes = parseDocument(outcomeSchema, applied.stdout).steps;
    expect(outcomes.map(({ store, outcome, refusal }) => `${store.name} ${refusal?.code ?? outcome}`)).toEqual([
      '/app EXEMPT',
      '/pay/a SEALED',
    ]);
  });

  it('does not keep undo from putting an earlier key back', async () => {
    const desk = await aConfiguredDesk(world, aFile(anEntry('all', '{ names: ["*"] }')));

    await desk.run('apply --key alias/logseal --yes');
    const undone = await desk.run('undo --store /app --yes');

    expect(undone.status).toBe(0);
    expect((await keysOf(desk.sandbox).attached())['/app']).toBeNull();
  });
});

describe('key rules', () => {
  const keys = { ...world.keys, payments: { alias: 'alias/payments', policy: 'logs' } };
  const paying = { ...world, keys } as World;
  const RULES = '  - match: { names: ["/pay/*"] }\n    key: alias/payments\n';

  it('name a key in the question, the plan and the outcome', async () => {
    const desk = await aConfiguredDesk(paying, aFile('', RULES));

    const table = await desk.run('plan --key alias/logseal --config logseal.yaml');
    const applied = await desk.run('apply --key alias/logseal --config logseal.yaml --yes --format json --quiet');

    expect(table.stdout).toContain('4 to seal, 3 with alias/logseal and 1 with alias/payments (key rule 1), 0 refused');
    const { steps, key } = parseDocument(outcomeSchema, applied.stdout);
    expect(key).toMatchObject({ configured: 'alias/logseal', rules: ['alias/payments'] });
    const ruled = steps.filter(({ keyRule }) => keyRule === 0);
    expect(ruled.map(({ store, outcome }) => `${store.name} ${outcome}`)).toEqual(['/pay/a SEALED']);
    const attached = await keysOf(desk.sandbox).attached();
    expect(attached['/pay/a']).not.toBe(attached['/app']);
  });

  it('are enough without --key, and what they do not match is refused', async () => {
    const desk = await aConfiguredDesk(paying, aFile('', RULES));

    const planned = await desk.run('plan --config logseal.yaml --format json');

    const { steps, key } = parseDocument(planSchema, planned.stdout);
    expect(key.configured).toBeNull();
    expect(steps.map(({ store, refusal, action }) => `${store.name} ${refusal?.code ?? action}`)).toEqual([
      '/app KEY_NOT_CONFIGURED',
      '/pay/a SEAL',
      '/vendor/a KEY_NOT_CONFIGURED',
      '/vendor/b KEY_NOT_CONFIGURED',
    ]);
  });
});

describe('wrong usage', () => {
  it('lists the mistakes of a file with those of the options, and calls nothing', async () => {
    const file = `${aFile(`${anEntry('a', '{ names: ["/a"] }')}${anEntry('a', '{ names: [] }', '2026-02-30')}`)}colour: red\n`;
    const { run, sandbox } = await aConfiguredDesk(world, file);

    const { status, stderr } = await run('scan --config logseal.yaml --format yaml');

    expect(status).toBe(2);
    for (const part of [
      '--format: expected one of',
      'logseal.yaml: line 8',
      'logseal.yaml: line 9',
      'line 12',
      'colour',
    ]) {
      expect(stderr).toContain(part);
    }
    expect(sandbox.calls()).toEqual({});
  });

  it.each([
    [
      'a file that does not exist',
      'scan --config gone.yaml',
      '--config: expected a file that can be read, got gone.yaml',
    ],
    ['no source', 'scan --config https://example.com/x', '--config: expected a file, ssm:NAME or s3://BUCKET/KEY'],
    ['a file without key rules, and no key', 'plan --config logseal.yaml', '--key: expected the key to seal with'],
  ])('%s is 2', async (_, command, message) => {
    const { run } = await aConfiguredDesk(world, aFile(anEntry('a', '{ names: ["/a"] }')));

    const { status, stderr } = await run(command);

    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('a parameter of SSM', () => {
  it('that does not exist leaves a scan as it is, says so, and forbids every change', async () => {
    const desk = await aDesk(world);

    const scanned = await desk.run('scan --config ssm:/logseal/config --format json');
    const planned = await desk.run('plan --key alias/logseal --config ssm:/logseal/config --format json');
    const table = await desk.run('scan --config ssm:/logseal/config');
    const applied = await desk.run('apply --key alias/logseal --config ssm:/logseal/config --yes');

    const scan = parseDocument(scanSchema, scanned.stdout);
    expect([scanned.status, scan.config, scan.summary.nonCompliant]).toEqual([3, 'UNREADABLE', 4]);
    expect(
      scanned.stderr,
    ).toBe(`The configuration ssm:/logseal/config could not be read, so no exemption counts and nothing may be changed: NOT_FOUND: ssm:GetParameter: this account has no parameter /logseal/config in eu-west-1
  fix: correct the name of the configuration, or create the parameter in eu-west-1
`);
    expect(table.stdout).toContain('The configuration could not be read');
    const { steps } = parseDocument(planSchema, planned.stdout);
    expect(new Set(steps.map(({ refusal }) => refusal?.code))).toEqual(new Set(['CONFIG_UNREADABLE']));
    expect(applied.status).toBe(3);
    expect(Object.values(await keysOf(desk.sandbox).attached())).toEqual([null, null, null, null]);
  });
});
