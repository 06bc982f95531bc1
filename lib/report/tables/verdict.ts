import type { EvaluatedEffect } from '../../domain/key-policy/evaluate.ts';
import type { Colors } from '../colors.ts';
import type { CheckedPolicy, LogGroupVerdict } from '../documents.ts';
import type { WriterOf } from '../format.ts';
import { policyProblemsText } from '../policy-problems.ts';
import { severityText } from '../problem-list.ts';

const OUTSIDE =
  'Not evaluated, since no key policy shows it: grants, service control policies, the state and type of the key, the rights of the caller, and the minutes that a change takes.';

/** A key policy's verdict as a person reads it. */
export const verdictTable: WriterOf<'policy-verdict'> = ({ paint }) => ({
  begin: () => '',
  page: () => '',
  end: (verdict) => `${textOf(verdict, paint)}${outsideOf([verdict], paint)}`,
});

/** A key policy's verdicts for several log groups; those with the same one are shown together. */
export const verdictsTable: WriterOf<'policy-verdicts'> = ({ paint }) => {
  const verdicts: LogGroupVerdict[] = [];
  return {
    begin: () => '',
    page(some) {
      verdicts.push(...some);
      return '';
    },
    end() {
      const groups = Map.groupBy(verdicts, (verdict) => textOf(verdict, paint));
      const sections = [...groups].map(
        ([text, same]) => `${same.map(({ logGroupArn }) => `${paint.bold(logGroupArn)}\n`).join('')}${text}`,
      );
      return `${sections.join('\n')}${outsideOf(verdicts, paint)}`;
    },
  };
};

function textOf({ verdict, actions, problems, warnings, repair }: CheckedPolicy, paint: Colors): string {
  return [
    `${paint.bold(verdict === 'ALLOWED' ? paint.green(verdict) : paint.red(verdict))}\n`,
    // What is no policy has no action that is worth a line.
    verdict === 'MALFORMED' ? '' : actionsText(Object.entries(actions), paint),
    policyProblemsText('KMS would refuse this document', problems, paint),
    warnings.length === 0 ? '' : '\n',
    ...warnings.map(
      ({ code, severity, message }) => `${severityText(severity, paint)} ${paint.bold(code)}: ${message}\n`,
    ),
    repair ? `\nThe smallest statement that fixes it:\n${JSON.stringify(repair, null, 2)}\n` : '',
  ].join('');
}

/** The actions with the same effect for the same reason together. */
function actionsText(actions: readonly [string, EvaluatedEffect][], paint: Colors): string {
  const groups = Map.groupBy(actions, ([, { effect, because }]) => `${effect} ${because}`);
  const lines = [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const [, { effect, because }] = first;
    const colored = effect === 'ALLOW' ? paint.green(effect) : paint.yellow(effect);
    return `${colored} ${same.map(([action]) => action).join(', ')}\n  ${because}\n`;
  });
  return `\n${lines.join('')}`;
}

/** What no verdict covers; nothing to say of what is no policy. */
function outsideOf(verdicts: readonly CheckedPolicy[], { dim }: Colors): string {
  return verdicts.some(({ verdict }) => verdict !== 'MALFORMED') ? `\n${dim(OUTSIDE)}\n` : '';
}
