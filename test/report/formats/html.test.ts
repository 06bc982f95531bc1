import { expect, it } from 'vitest';
import { formatOfFile } from '../../../lib/report/formats/index.ts';
import { FINDINGS, scanTotals, written } from '../builders.ts';

it('a scan is written to a file that ends with .html as one HTML document', () => {
  expect(formatOfFile('scan', 'Report.HTML')).toBe('html');
  const text = written('scan', 'html', [FINDINGS], scanTotals(FINDINGS));
  expect(text.startsWith('<!doctype html>\n')).toBe(true);
  expect(text.endsWith('</html>\n')).toBe(true);
});

it('no other document is', () => {
  expect(formatOfFile('plan', 'report.html')).toBeUndefined();
});
