import type { CheckedPolicy, LogGroupVerdict } from '../documents.ts';
import type { PolicyInput, WriterOf } from '../format.ts';
import { counted } from '../table.ts';
import { OUTSIDE } from '../tables/verdict.ts';
import { requiredActions, whyNotAllowed } from '../verdict-text.ts';
import { documentProblemSection } from './problems.ts';
import { block, code, document, type Section, tableHead, tableRow } from './text.ts';

/** A key policy's verdict: what KMS would refuse, whether each action is allowed and why, and what could be added. */
export const verdictMarkdown: WriterOf<'policy-verdict'> = ({ policy }) => ({
  begin: () => '',
  page: () => '',
  end: (checked) => text([{ logGroups: policy ? [policy.subject] : [], checked }], policy),
});

/** A key policy's verdicts; log groups with the same one are shown together. */
export const verdictsMarkdown: WriterOf<'policy-verdicts'> = ({ policy }) => {
  const groups = new Map<string, { readonly logGroups: string[]; readonly checked: LogGroupVerdict }>();
  return {
    begin: () => '',
    page(verdicts) {
      for (const { logGroupArn, ...verdict } of verdicts) {
        const key = JSON.stringify(verdict);
        const group = groups.get(key);
        if (group) group.logGroups.push(logGroupArn);
        else groups.set(key, { logGroups: [logGroupArn], checked: { logGroupArn, ...verdict } });
      }
      return '';
    },
    end: () => text([...groups.values()], policy),
  };
};

interface Group {
  readonly logGroups: readonly string[];
  readonly checked: CheckedPolicy;
}

function text(groups: readonly Group[], policy: PolicyInput | undefined): string {
  const [first] = groups;
  const problems = first?.checked.problems ?? [];
  const count = (some: readonly Group[]) => some.reduce((sum, { logGroups }) => sum + logGroups.length, 0);
  const allowed = count(groups.filter(({ checked }) => checked.verdict === 'ALLOWED'));
  const [only] = groups.length === 1 ? groups : [];
  const verdict = only ? only.checked.verdict : `${allowed} of ${counted(count(groups), 'log group')} ALLOWED`;
  const but = problems.length > 0 ? ', but KMS would refuse the document' : '';
  const file = policy?.file ? `${code(policy.file)}\n` : '';
  return document(
    `## logseal policy check: ${verdict}${but}\n\n${file}`,
    [documentProblemSection('KMS would refuse this document', problems), ...groups.flatMap(sectionsOf)],
    `\n${OUTSIDE}\n`,
  );
}

/** As many log groups of one verdict as a person reads. */
const MAX_NAMED = 10;

function sectionsOf({ logGroups, checked }: Group): Section[] {
  const more = logGroups.length > MAX_NAMED ? ` and ${(logGroups.length - MAX_NAMED).toLocaleString('en')} more` : '';
  const names = `${logGroups.slice(0, MAX_NAMED).map(code).join(', ')}${more}`;
  const { why } = whyNotAllowed(checked);
  const lines = [
    ...(checked.verdict === 'ALLOWED' ? [] : [why]),
    ...checked.warnings.map(({ severity, code: name, message }) => `${severity} ${name}: ${message}`),
  ];
  const repair = checked.repair ? [JSON.stringify(checked.repair, null, 2)] : [];
  return [
    {
      head: `### ${checked.verdict}\n\n${names}\n\n`,
      items: lines.length === 0 ? ['Every action that CloudWatch Logs needs is allowed.\n'] : [block(lines)],
    },
    {
      head: tableHead(['Effect', 'Action', 'Why']),
      items: requiredActions(checked).map(([action, { effect, because }]) =>
        tableRow([effect, code(action), code(because)]),
      ),
    },
    { head: 'The smallest statement that could be added:\n\n', items: repair.map((statement) => block([statement])) },
  ];
}
