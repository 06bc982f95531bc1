import { allAtOnce } from '../all-at-once.ts';
import type { Colors } from '../colors.ts';
import { documentProblemsText } from '../document-problems.ts';
import type { CheckedPolicy } from '../documents.ts';
import type { WriterOf } from '../format.ts';
import { severityText } from '../problem-list.ts';
import { counted } from '../table.ts';
import { requiredActions } from '../verdict-text.ts';

/** What no key policy shows. */
export const OUTSIDE =
  'Not evaluated, since no key policy shows it: grants, service control policies, the state and type of the key, the rights of the caller, and the minutes that a change takes.';

/** A key policy's verdict as a person reads it. */
export const verdictTable: WriterOf<'policy-verdict'> = ({ paint }) => ({
  begin: () => '',
  page: () => '',
  end: (verdict) => documentText(textOf(verdict, paint), verdict, paint),
});

/** A key policy's verdicts for several log groups; those with the same one are shown together. */
export const verdictsTable: WriterOf<'policy-verdicts'> = ({ paint }) =>
  allAtOnce((verdicts) => {
    const groups = Map.groupBy(verdicts, (verdict) => textOf(verdict, paint));
    const sections = [...groups].map(
      ([text, same]) => `${same.map(({ logGroupArn }) => `${paint.bold(logGroupArn)}\n`).join('')}${text}`,
    );
    const allowed = verdicts.filter(({ verdict }) => verdict === 'ALLOWED').length;
    const sum = `\n${allowed} of ${counted(verdicts.length, 'log group')} ALLOWED\n`;
    const [first] = verdicts;
    return first ? documentText(`${sections.join('\n')}${sum}`, first, paint) : '';
  });

/** What KMS would refuse comes first: a policy that it does not accept allows nothing. */
function documentText(verdicts: string, { verdict, problems }: CheckedPolicy, paint: Colors): string {
  const refused = documentProblemsText('KMS would refuse this document', problems, paint);
  const outside = verdict === 'MALFORMED' ? '' : `\n${paint.dim(OUTSIDE)}\n`;
  return `${refused === '' ? '' : `${refused.trimStart()}\n`}${verdicts}${outside}`;
}

function textOf(checked: CheckedPolicy, paint: Colors): string {
  const { verdict, problems, warnings, repair } = checked;
  const but = verdict === 'ALLOWED' && problems.length > 0 ? ', but KMS would refuse the document' : '';
  return [
    `${paint.bold(verdict === 'ALLOWED' && but === '' ? paint.green(verdict) : paint.red(`${verdict}${but}`))}\n`,
    // A malformed document has no actions to show.
    verdict === 'MALFORMED' ? '' : actionsText(requiredActions(checked), paint),
    warnings.length === 0 ? '' : '\n',
    ...warnings.map(
      ({ code, severity, message }) => `${severityText(severity, paint)} ${paint.bold(code)}: ${message}\n`,
    ),
    repair ? `\nThe smallest statement that could be added:\n${JSON.stringify(repair, null, 2)}\n` : '',
  ].join('');
}

/** The required actions, those with the same effect for the same reason together. */
function actionsText(required: ReturnType<typeof requiredActions>, paint: Colors): string {
  const groups = Map.groupBy(required, ([, { effect, because }]) => `${effect} ${because}`);
  const lines = [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const [, { effect, because }] = first;
    const colored = effect === 'ALLOW' ? paint.green(effect) : paint.yellow(effect);
    return `${colored} ${same.map(([action]) => action).join(', ')}\n  ${because}\n`;
  });
  return `\n${lines.join('')}`;
}
