import { describe, expect, it } from 'vitest';
import { aDesk, aWorld } from '../support/logseal.ts';

/** 120 log groups without a key, and three with a disabled one that come last in the listing. */
const WORLD = aWorld({
  bulk: [{ name: '/bulk/{n}', count: 120 }],
  groups: { '/worse/1': 'disabled', '/worse/2': 'disabled', '/worse/3': 'disabled' },
});
const MORE = '\n… and 73 more: add --all to show every row\n';

function rowsOf(stdout: string): string[] {
  return stdout.split('\n').filter((line) => /^[\w:]+ +([\w: ]+ )?\/\S/.test(line));
}

describe('a table of more than 50 rows', () => {
  it('shows the worst 50, says how many more there are, and counts all', async () => {
    const { run } = await aDesk(WORLD);

    const { status, stdout } = await run('scan');

    const rows = rowsOf(stdout);
    expect(status).toBe(3);
    expect(rows).toHaveLength(50);
    expect(rows.slice(0, 4).map((row) => row.split(/ +/).slice(0, 2).join(' '))).toEqual([
      'HIGH /worse/1',
      'HIGH /worse/2',
      'HIGH /worse/3',
      'MEDIUM /bulk/1',
    ]);
    expect(stdout).toContain(MORE);
    expect(stdout).toContain('HIGH KEY_DISABLED × 3\n');
    expect(stdout).toContain('MEDIUM NO_KEY × 120\n');
    expect(stdout).toMatch(/\n123 log stores: 0 compliant, 123 not compliant \(\d+ API calls\)\n/);
  });

  it.each(['scan', 'plan --key alias/logseal', 'apply --key alias/logseal --yes --quiet'])(
    'shows every row of %s with --all',
    async (words) => {
      const some = await aDesk(WORLD);
      const all = await aDesk(WORLD);

      const { stdout: short } = await some.run(words);
      const { stdout: long } = await all.run(`${words} --all`);

      expect(rowsOf(short)).toHaveLength(50);
      expect(short).toContain(MORE);
      expect(rowsOf(long)).toHaveLength(123);
      expect(new Set(rowsOf(long)).size).toBe(123);
      expect(long).not.toContain('add --all');
    },
  );

  it('shows every step of undo with --all, and none of them again where it came out as shown', async () => {
    const { run } = await aDesk(WORLD);
    const { stdout } = await run('apply --key alias/logseal --yes --format json --quiet');
    const runId: string = JSON.parse(stdout).run.id;

    const undone = await run(`undo --run ${runId} --yes --all`);

    // The disabled key is not put back.
    expect(undone.status).toBe(3);
    expect(rowsOf(undone.stdout)).toHaveLength(123);
    expect(undone.stdout).toMatch(/\n\n0 log stores sealed, 120 unsealed, 0 unchanged, 3 refused, 0 failed /);
  });

  it('puts the worst first, whether it would be sealed or is refused', async () => {
    const groups = { '/a': null, '/private': 'private', '/zzz': 'disabled' };
    const keys = { private: { account: '444455556666' } };
    const { run } = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 60 }], groups, keys }));

    const { stdout } = await run('plan --key alias/logseal');

    expect(stdout).toMatch(/^SEVERITY +STEP .*\nHIGH +SEAL +\/zzz .*\nMEDIUM +SEAL +\/a /m);
    expect(stdout).toContain('\n… and 13 more: add --all to show every row\n');
    expect(stdout).toMatch(/\n62 to seal with alias\/logseal, 1 refused\n$/);
  });

  it('says nothing of more where 50 rows are all', async () => {
    const { run } = await aDesk(aWorld({ bulk: [{ name: '/bulk/{n}', count: 50 }] }));

    const { stdout } = await run('scan');

    expect(rowsOf(stdout)).toHaveLength(50);
    expect(stdout).not.toContain('more:');
  });
});

it('--all leaves nothing out of JSON, and is no option of a command with a short table', async () => {
  const { run } = await aDesk(WORLD);

  expect(JSON.parse((await run('scan --format json')).stdout).findings).toHaveLength(123);
  expect(await run('key check --key alias/logseal --all')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('logseal: --all: unknown option\n'),
  });
});
