import type { Finding } from '../../domain/finding.ts';
import { byTarget, type Target, targetOf } from '../../domain/target.ts';
import { failedTargets } from '../failed-targets.ts';
import { worstReason } from '../finding-text.ts';
import type { WriterOf } from '../format.ts';
import { UNREADABLE_CONFIGURATION } from '../tables/exemptions.ts';
import { beginSuites, END_SUITES, PASSED, suite, type TestCase } from './suite.ts';

/**
 * One test case a log store, as the findings come: NON_COMPLIANT is a failure, UNKNOWN an error, EXEMPT skipped. A target that was not
 * scanned completely is an error. Memory does not grow with the number of findings.
 */
export const scanJunit: WriterOf<'scan'> = () => ({
  begin: () => beginSuites('logseal scan'),
  page: (findings) =>
    byTarget(findings, targetOf)
      .map(([target, some]) => suite(suiteName(target), classOf(target), some.map(caseOf)))
      .join(''),
  end: ({ targets, config }) =>
    (config === 'UNREADABLE' ? unreadConfiguration() : '') +
    failedTargets(targets)
      .map(({ code, message, fix, ...target }) =>
        suite(suiteName(target), classOf(target), [
          {
            ...PASSED,
            name: 'is scanned completely',
            result: 'error',
            type: code,
            message,
            details: withFix(message, fix),
          },
        ]),
      )
      .join('') +
    END_SUITES,
});

/** No exemption, or not every one, is known, so that what is exempt may have failed. */
function unreadConfiguration(): string {
  const message = UNREADABLE_CONFIGURATION;
  return suite('configuration', 'logseal.configuration', [
    { ...PASSED, name: 'is read', result: 'error', type: 'CONFIG_UNREADABLE', message, details: [message] },
  ]);
}

function suiteName({ account, region }: Target): string {
  return [account, region].filter(Boolean).join(' ');
}

/** Reports show a folder for the account, and in it one for the Region. */
function classOf({ provider, account, region }: Target): string {
  return [provider, account, region].filter(Boolean).join('.');
}

const RESULTS = { COMPLIANT: null, NON_COMPLIANT: 'failure', UNKNOWN: 'error', EXEMPT: 'skipped' } as const;

function caseOf(finding: Finding): TestCase {
  const { name, status, reasons, warnings, exemption } = finding;
  const worst = worstReason(finding);
  const until = exemption?.expires ? `until ${exemption.expires}` : 'without end';
  return {
    name,
    result: RESULTS[status],
    type: worst?.code ?? status,
    message: exemption
      ? `exempt by ${exemption.id} ${until}, owner ${exemption.owner}: ${exemption.reason}`
      : (worst?.message ?? ''),
    details: reasons.flatMap(({ code, severity, message, fix }) => withFix(`${severity} ${code}: ${message}`, fix)),
    output: warnings.flatMap(({ code, severity, message, fix }) =>
      withFix(`warning: ${severity} ${code}: ${message}`, fix),
    ),
  };
}

function withFix(message: string, fix: string | null): string[] {
  return fix === null ? [message] : [message, `fix: ${fix}`];
}
