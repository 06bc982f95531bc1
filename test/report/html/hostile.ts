import type { Finding } from '../../../lib/domain/finding.ts';
import { problem } from '../../../lib/domain/reasons.ts';
import { aFinding, aLogGroup, aReport } from '../../support/builders.ts';
import { scanTotals } from '../builders.ts';
import type { ScanWorld } from './world.ts';

/** Texts that try to become something else, or to hide something. */
export const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  "' onmouseover='alert(1)",
  '</script><script>alert(1)</script><!--',
  '</style><style>*{display:none}</style>',
  '\u202egnp.exe\u202c \u2066isolated\u2069 \u200bzero\u200f',
  '\u0000\u0007\u001b[31mred\u001b[0m\u009b',
  '\u2028line\u2029paragraph',
  '\u0001\u0002\u0003',
  '=HYPERLINK("https://example.com")',
  'javascript:alert(1)',
  '{{7*7}} <%= 7*7 %>',
  '\ud800 lone',
  'مجموعة السجلات',
  `${'W'.repeat(511)}!`,
  `${'i'.repeat(600)}\n${'\t'.repeat(20)}`,
];

/** A scan in which every text from outside is hostile. */
export function aHostileWorld(): ScanWorld {
  const findings = HOSTILE.map((text, index): Finding => {
    const keyArn = `arn:aws:kms:eu-west-1:111122223333:key/${text}`;
    const fix = `aws kms enable-key --key-id ${keyArn} --region eu-west-1; rm -rf / $(id) ${text}`;
    const reasons = [problem('KEY_DISABLED', `${text} ${keyArn} is disabled: ${text}`, fix)];
    const warnings = [problem('KEY_POLICY_DENIES', text, text)];
    const exemption = { id: text, reason: text, owner: text, expires: index % 2 ? '2027-03-31' : null };
    const isExempt = index % 5 === 4;
    return aFinding({
      ...aLogGroup(text),
      account: index % 3 ? '111122223333' : text,
      region: index % 4 ? 'eu-west-1' : text,
      status: isExempt ? 'EXEMPT' : 'NON_COMPLIANT',
      severity: 'HIGH',
      keyArn,
      reasons,
      warnings,
      exemption: isExempt ? exemption : null,
    });
  });
  const targets = HOSTILE.map((text) =>
    aReport({
      account: text,
      region: text,
      status: 'FAILED',
      error: { code: 'ACCESS_DENIED', message: text },
      caller: text,
    }),
  );
  const exemptions = HOSTILE.map((text) => ({
    id: text,
    reason: text,
    owner: text,
    expires: '2027-03-31',
    stores: 1,
    notices: [],
  }));
  const run = { id: HOSTILE[0] ?? '', startedAt: '2026-11-21T00:00:00.000Z', finishedAt: HOSTILE[1] ?? '' };
  return {
    findings,
    totals: scanTotals(findings, { targets: [...targets, aReport()], exemptions, config: 'READ', run }),
  };
}
