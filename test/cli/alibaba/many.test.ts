import { expect, it } from 'vitest';
import type { ScanTotals } from '../../../lib/report/documents.ts';
import { aLogstoreDesk, HERE } from '../../support/alibaba.ts';

const PROJECTS = 20;
const LOGSTORES = 20;

it('20 projects of 20 Logstores take N + pages + K calls', async () => {
  const half = { projects: PROJECTS / 2, logstores: LOGSTORES };
  const bulk = [
    { project: 'mine-{n}', key: 'mine', ...half },
    { project: 'other-{n}', key: 'other', ...half },
  ];
  const { run, sandbox } = await aLogstoreDesk({ sealed: 'mine' }, {}, { bulk });

  const { status, stdout, stderr } = await run(`scan ${HERE} --format ndjson`);

  const lines = stdout.trimEnd().split('\n');
  const { summary, targets }: ScanTotals = JSON.parse(lines.at(-1) ?? '{}');
  const stores = PROJECTS * LOGSTORES + 1;
  const calls = { 'log:ListProject': 1, 'log:ListLogStores': PROJECTS + 1, 'log:GetLogStore': stores };
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(lines).toHaveLength(stores + 1);
  expect(summary).toMatchObject({ stores, compliant: stores });
  expect(targets[0]?.apiCalls).toEqual({ ...calls, 'kms:DescribeKey': 2 });
  expect(sandbox.calls()).toEqual({ ...calls, 'acs-kms:DescribeKey': 2 });
});
