import { loadAssets } from '../../../lib/report/html/assets.ts';
import { htmlReport } from '../../../lib/report/html/writer.ts';
import { reportOptions } from '../builders.ts';
import type { ScanWorld } from './world.ts';

const assets = await loadAssets();

/** The report of a scan, whose findings come in pages. */
export function rendered({ findings, totals }: ScanWorld, maxFindings?: number, pageSize = 1_000): string {
  const writer = htmlReport(assets, maxFindings)(reportOptions());
  const parts = [writer.begin()];
  for (let start = 0; start < findings.length; start += pageSize) {
    parts.push(writer.page(findings.slice(start, start + pageSize)));
  }
  return [...parts, writer.end(totals)].join('');
}
