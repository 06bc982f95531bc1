import type { TargetReport } from '../../app/scan/scan-target.ts';
import { CATALOGUE } from '../../domain/catalogue.ts';
import type { DocumentProblem } from '../../domain/key-policy/document-problem.ts';
import { failedPlaces, type Work } from '../failed-targets.ts';
import type { ReportOptions } from '../format.ts';
import type { ProblemList } from '../problem-list.ts';
import { counted } from '../table.ts';
import { block, type Section } from './text.ts';

/**
 * Each fix once, with how many it is for.
 * @param targets those of the run
 * @param one what one of them is
 */
export function problemSection(
  title: string,
  problems: ProblemList,
  targets: readonly TargetReport[] = [],
  one = 'log store',
): Section {
  return {
    head: `### ${title}\n\n`,
    items: problems.groups(targets).map(({ code, severity, message, hasOtherMessages, fix, count }) => {
      const others = hasOtherMessages ? ' (and others like it)' : '';
      const text = block([`${message}${others}`, `fix: ${fix}`]);
      return `**${severity}** \`${code}\` – ${CATALOGUE[code].title}: ${counted(count, one)}\n\n${text}\n`;
    }),
    omitted: { count: problems.omitted(), how: 'with other fixes; --format json has all' },
  };
}

/** Why KMS would refuse a key policy. */
export function documentProblemSection(title: string, problems: readonly DocumentProblem[]): Section {
  return {
    head: `### ${title}\n\n`,
    items: problems.map(
      ({ code, message, fix }) => `\`${code}\` – ${CATALOGUE[code].title}\n\n${block([message, `fix: ${fix}`])}\n`,
    ),
  };
}

/** The targets that were not scanned completely. */
export function failedSection(
  targets: readonly TargetReport[],
  options: Pick<ReportOptions, 'asTyped'>,
  work: Work = 'scan',
): Section {
  return {
    head: `### ${work === 'scan' ? 'Not scanned completely' : 'Not reached, or not scanned completely'}\n\n`,
    items: failedPlaces(targets, options, work).map(
      ({ message, fix }) => `${block(fix === null ? [message] : [message, `fix: ${fix}`])}\n`,
    ),
  };
}
