import { describe, expect, it } from 'vitest';
import { parseDocument, scanSchema } from '../support/documents.ts';
import { aDesk, aWorld } from '../support/logseal.ts';

const DYING = { dying: { state: 'PendingDeletion', policy: 'logs' } } as const;
const OTHER = { other: { policy: 'logs' } };
const WORLDS = {
  CRITICAL: aWorld({ groups: { '/a': 'dying' }, keys: DYING }),
  HIGH: aWorld({ groups: { '/a': 'disabled', 'aws/dead': 'dying' }, keys: DYING }),
  MEDIUM: aWorld({ groups: { '/a': null } }),
  UNKNOWN: aWorld({ groups: { '/a': 'private' }, keys: { private: { account: '444455556666' } } }),
  LOW: aWorld({ groups: { '/a': 'other' }, keys: OTHER }),
  compliant: aWorld({ groups: { '/a': 'logseal' } }),
};

describe('scan --fail-on', () => {
  it.each([
    ['CRITICAL', 3, 3, 3, 3, 0],
    ['HIGH', 0, 3, 3, 3, 0],
    ['MEDIUM', 0, 0, 3, 3, 0],
    ['UNKNOWN', 0, 0, 3, 3, 0],
    ['LOW', 0, 0, 0, 3, 0],
    ['compliant', 0, 0, 0, 0, 0],
  ] as const)('with a finding that is %s ends with %d, %d, %d, %d and %d', async (world, ...expected) => {
    const { run } = await aDesk(WORLDS[world]);

    const statuses: (number | null)[] = [];
    for (const severity of ['critical', 'HIGH', 'Medium', 'low', 'none']) {
      const { status, stdout } = await run(
        `scan --key alias/logseal --require-key --format json --fail-on ${severity}`,
      );
      statuses.push(status);
      parseDocument(scanSchema, stdout);
    }

    expect(statuses).toEqual(expected);
    const { status } = await run('scan --key alias/logseal --require-key');
    expect(status).toBe(expected[3]);
  });

  it('does not hide that a Region could not be scanned completely', async () => {
    const { run } = await aDesk(aWorld({ faults: [{ call: 'logs:DescribeLogGroups', kind: 'deny' }] }));

    expect((await run('scan --fail-on none')).status).toBe(1);
  });

  it('names the values that it takes, and is an option of scan alone', async () => {
    const { run } = await aDesk(WORLDS.MEDIUM);

    expect(await run('scan --fail-on severe')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--fail-on: expected one of critical, high, medium, low, none, got "severe"'),
    });
    expect((await run('plan --key alias/logseal --fail-on high')).stderr).toContain('--fail-on: unknown option');
  });
});
