import { isOpen } from '../../domain/finding.ts';
import type { WriterOf } from '../format.ts';
import { type SarifResult, sarifLog } from './log.ts';

/** Each reason of a log group that is not compliant, and each warning that is worse than LOW, where the log group is declared. */
export const templateSarif: WriterOf<'template'> = () => {
  const results: SarifResult[] = [];
  return {
    begin: () => '',
    page(findings) {
      for (const finding of findings) {
        const { file, line, id, name, reasons, warnings } = finding;
        const about = name === null ? id : `${id} (${name})`;
        const problems = [
          ...(isOpen(finding) ? reasons : []).map((each) => ({ ...each, isWarning: false })),
          ...warnings.filter(({ severity }) => severity !== 'LOW').map((each) => ({ ...each, isWarning: true })),
        ];
        for (const { code, message, fix, isWarning } of problems) {
          const text = `${about}: ${message}. Fix: ${fix}`;
          results.push({ code, isWarning, message: text, file, region: { startLine: line ?? 1 } });
        }
      }
      return '';
    },
    end: () => sarifLog(results),
  };
};
