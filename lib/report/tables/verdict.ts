import type { Colors } from '../colors.ts';
import type { CheckedPolicy } from '../documents.ts';
import type { WriterOf } from '../format.ts';
import { policyProblemsText } from '../policy-problems.ts';
import { severityText } from '../problem-list.ts';
import { columns } from '../table.ts';

const OUTSIDE =
  'Not evaluated, since no key policy shows it: grants, service control policies, the state and type of the key, the rights of the caller, and the minutes that a change takes.';

/** A key policy's verdict as a person reads it. */
export const verdictTable: WriterOf<'policy-verdict'> = ({ paint }) => ({
  begin: () => '',
  page: () => '',
  end: (verdict) => textOf(verdict, paint),
});

function textOf({ verdict, actions, problems, warnings, repair }: CheckedPolicy, paint: Colors): string {
  const rows = Object.entries(actions).map(([action, { effect, because }]) => [
    effect === 'ALLOW' ? paint.green(effect) : paint.yellow(effect),
    action,
    because,
  ]);
  return [
    `${paint.bold(verdict === 'ALLOWED' ? paint.green(verdict) : paint.red(verdict))}\n`,
    rows.length === 0 ? '' : `\n${columns(['EFFECT', 'ACTION', 'WHY'], rows, paint)}`,
    policyProblemsText('KMS would refuse this document', problems, paint),
    warnings.length === 0 ? '' : '\n',
    ...warnings.map(
      ({ code, severity, message }) => `${severityText(severity, paint)} ${paint.bold(code)}: ${message}\n`,
    ),
    repair ? `\nThe smallest statement that fixes it:\n${JSON.stringify(repair, null, 2)}\n` : '',
    `\n${paint.dim(OUTSIDE)}\n`,
  ].join('');
}
