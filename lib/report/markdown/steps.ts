import type { Outcome, Step } from '../../domain/plan-step.ts';
import { colors } from '../colors.ts';
import type { ReportOptions } from '../format.ts';
import { isWithoutKey } from '../tables/steps.ts';
import type { Worst } from '../worst.ts';
import { block, code, ROWS_LEFT_OUT, type Section, tableHead, tableRow } from './text.ts';

/** Texts of tables go into blocks, which show no colours and break lines themselves. A file has room for policy statements. */
export function inBlocks(options: ReportOptions): ReportOptions {
  return { ...options, paint: PLAIN, width: null, isVerbose: true };
}

export const PLAIN = colors(false);

/** @param what says what would be done, or was, in words that need no escaping */
export function stepSection<T extends Step | Outcome>(rows: Worst<T>, what: (step: T) => string): Section {
  return {
    head: `### Log stores\n\n${tableHead(['Severity', 'Step', 'Account', 'Region', 'Log store', 'From key', 'To key'])}`,
    items: rows.kept().map((step) => {
      const { account, region, name } = step.store;
      const toKey = isWithoutKey(step) ? '' : (step.toKeyArn ?? '');
      const places = [code(account), code(region), code(name)];
      return tableRow([step.severity ?? '', what(step), ...places, code(step.fromKeyArn ?? ''), code(toKey)]);
    }),
    omitted: { count: rows.omitted(), how: ROWS_LEFT_OUT },
  };
}

/** A text of whole lines under a heading; empty: no section. */
export function textSection(title: string, text: string): Section {
  return { head: `### ${title}\n\n`, items: text.trim() === '' ? [] : [block([text.trim()])] };
}
