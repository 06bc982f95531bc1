import type { KeyCheck } from '../../domain/key-check.ts';
import type { LogWriter } from '../../domain/writer-rights.ts';
import type { Colors } from '../colors.ts';
import type { CheckedKey } from '../documents.ts';
import { columns } from '../table.ts';

/** What is known of those who write and read the logs. Nothing in it is a check of the key, so nothing in it fails. */
export function readersAndWritersText(
  { access, message, fix, writer }: NonNullable<CheckedKey['readersAndWriters']>,
  paint: Colors,
): string {
  const result = access === 'ALL' ? paint.green('allowed:') : paint.yellow('not proven:');
  const ofWriter = writer ? writerText(writer, paint) : '';
  return `\n${paint.bold('Who writes and reads the logs')}\n${result} ${message}\n${fixText(fix, paint)}${ofWriter}`;
}

function writerText(writer: LogWriter, paint: Colors): string {
  if (writer.status === 'NOT_KNOWN') return `${writer.message}\n${fixText(writer.fix, paint)}`;
  const { functionArn, roleArn, rights, fix } = writer;
  const rows = rights.map((right) => [resultText(right, paint), right.action ?? '-', right.message]);
  return [
    `the function ${functionArn.split(':function:')[1]} writes under ${roleArn}; AWS does not document whether it checks these rights\n`,
    "AWS's guide asks writers and readers alike for five actions; checked here are those that AWS's managed policy CloudWatchLogsAPIKeyAccess gives to writers\n",
    columns(['RESULT', 'ACTION', 'WHY'], rows, paint),
    fixText(fix, paint),
  ].join('');
}

function fixText(fix: string | null, { bold }: Colors): string {
  return fix === null ? '' : `  ${bold('fix:')} ${fix}\n`;
}

/** The result of a check, or of a right, in its colour. */
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
