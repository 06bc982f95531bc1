import { expect, it } from 'vitest';
import { scanStatusOf } from '../../lib/report/documents.ts';
import { aReport } from '../support/builders.ts';

const COMPLETE = aReport();
const FAILED = aReport({ status: 'FAILED', error: { code: 'NETWORK', message: 'no route' } });

it.each([
  ['COMPLETE', [COMPLETE, COMPLETE]],
  ['COMPLETE', []],
  ['PARTIAL', [COMPLETE, FAILED]],
  ['PARTIAL', [FAILED, COMPLETE, FAILED]],
  ['FAILED', [FAILED]],
  ['FAILED', [FAILED, FAILED]],
])('a scan is %s by its targets (%#)', (status, targets) => {
  expect(scanStatusOf(targets)).toBe(status);
});
