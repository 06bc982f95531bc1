import type { KeyCheck } from '../../domain/key-check.ts';
import type { LogWriter } from '../../domain/writer-rights.ts';
import type { Colors } from '../colors.ts';
import { type Column, columns } from '../columns.ts';
import type { CheckedKey } from '../documents.ts';
import type { ReportOptions } from '../format.ts';
import { isLeftOut, LEFT_OUT_NOTE, withPolicies } from '../policy-json.ts';
import { counted } from '../table.ts';

/** The reason of a result, in sentences. */
export const WHY_COLUMN: Column = { title: 'WHY', least: 24, isProse: true };

type Shown = NonNullable<CheckedKey['readersAndWriters']>;

/** What is known of those who write and read the logs. Nothing in it is a check of the key, so nothing in it fails. */
export function readersAndWritersText({ access, message, fix, writer }: Shown, options: ReportOptions): string {
  const { paint } = options;
  const result = access === 'ALL' ? paint.green('allowed:') : paint.yellow('not proven:');
  const ofWriter = writer ? writerText(writer, options) : '';
  return `\n${paint.bold('Who writes and reads the logs')}\n${result} ${message}\n${fixText(fix, options)}${ofWriter}`;
}

/** The same in a few words, for the last line. */
export function readersAndWritersSum({ access, writer }: Shown, { green, yellow }: Colors): string {
  const rights = writer?.status === 'FOUND' ? writer.rights : [];
  const missing = rights.filter(({ result }) => result === 'FAIL').length;
  const lacks = missing === 0 ? '' : `, the function lacks ${counted(missing, 'right')}`;
  return (access === 'ALL' && missing === 0 ? green : yellow)(`${access === 'ALL' ? 'allowed' : 'not proven'}${lacks}`);
}

function writerText(writer: LogWriter, options: ReportOptions): string {
  if (writer.status === 'NOT_KNOWN') return `${writer.message}\n${fixText(writer.fix, options)}`;
  const { functionArn, roleArn, rights, fix } = writer;
  const rows = rights.map((right) => [rightText(right, options.paint), right.action ?? '-', right.message]);
  return [
    `the function ${functionArn.split(':function:')[1]} writes under ${roleArn}; AWS does not document whether it checks these rights\n`,
    "AWS's guide asks writers and readers alike for five actions; checked here are those that AWS's managed policy CloudWatchLogsAPIKeyAccess gives to writers\n",
    columns(['RIGHT', 'ACTION', WHY_COLUMN], rows, options),
    fixText(fix, options),
  ].join('');
}

function fixText(fix: string | null, { paint, isVerbose }: ReportOptions): string {
  if (fix === null) return '';
  const text = withPolicies(fix, isVerbose).trimEnd();
  return `  ${paint.bold('fix:')} ${text}\n${isLeftOut(text) ? paint.dim(`${LEFT_OUT_NOTE}\n`) : ''}`;
}

/** Not the words of checks: a writer without a right fails no check of the key. */
function rightText({ result }: Pick<KeyCheck, 'result'>, { green, red, yellow }: Colors): string {
  switch (result) {
    case 'PASS':
      return green('ALLOWED');
    case 'FAIL':
      return red('MISSING');
    case 'UNKNOWN':
      return yellow('NOT KNOWN');
  }
}

/** The result of a check in its colour. */
export function resultText({ result }: Pick<KeyCheck, 'result'>, paint: Colors): string {
  switch (result) {
    case 'PASS':
      return paint.green(result);
    case 'FAIL':
      return paint.red(result);
    case 'UNKNOWN':
      return paint.yellow(result);
  }
}
