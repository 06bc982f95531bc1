import type { TargetReport } from '../../app/scan/scan-target.ts';
import { parseArn } from '../../domain/arn.ts';
import type { Finding, FindingStatus } from '../../domain/finding.ts';
import { PROVIDERS } from '../../domain/providers/index.ts';
import { targetKey } from '../../domain/target.ts';
import { controlsOf, requirementsOf } from '../controls.ts';
import { failedTargets } from '../failed-targets.ts';
import { fixesOf, messageOf, stableId, titleOf } from '../finding-text.ts';
import type { WriterOf } from '../format.ts';
import { jsonList } from '../json-text.ts';
import { asffFinding } from './finding.ts';

/**
 * A JSON list with one finding for each log store, as the findings come, and one for each target, which says whether it was scanned
 * completely. Each has an id that stays the same, so that the next import updates it. What has no ARN of AWS is left out, and
 * so is a target whose account is not known: Security Hub takes neither.
 */
export const scanAsff: WriterOf<'scan'> = ({ now }) => {
  const listed = jsonList();
  return {
    begin: () => '[',
    page: (findings) => listed(findings.flatMap((finding) => ofStore(finding, now))),
    end: ({ targets }) => `${listed(targets.flatMap((target) => ofTarget(target, now)))}]\n`,
  };
};

const STATUS: Readonly<Record<FindingStatus, 'PASSED' | 'FAILED' | 'NOT_AVAILABLE'>> = {
  COMPLIANT: 'PASSED',
  NON_COMPLIANT: 'FAILED',
  EXEMPT: 'FAILED',
  UNKNOWN: 'NOT_AVAILABLE',
};

function ofStore(finding: Finding, now: Date): object[] {
  const { arn, status, severity, reasons, warnings, keyArn, exemption } = finding;
  const place = parseArn(arn);
  if (!place) return [];
  const key = keyArn !== null && parseArn(keyArn) ? [{ type: 'AwsKmsKey', id: keyArn }] : [];
  return [
    asffFinding({
      id: stableId(arn),
      place,
      now,
      title: titleOf(finding),
      description: messageOf(finding),
      severity,
      status: STATUS[status],
      reasons: [...reasons, ...warnings],
      // Not a Workflow that is SUPPRESSED: no import could take that back when the exemption ends.
      isArchived: exemption !== null,
      requirements: requirementsOf(controlsOf(finding)?.frameworks ?? []),
      fix: fixesOf(finding),
      // ASFF has no type for log groups.
      resources: [{ type: 'Other', id: arn }, ...key],
      fields: {
        Status: status,
        Fix: fixesOf(finding),
        'Exemption/Id': exemption?.id ?? '',
        'Exemption/Owner': exemption?.owner ?? '',
        'Exemption/Reason': exemption?.reason ?? '',
        'Exemption/Expires': exemption?.expires ?? '',
      },
    }),
  ];
}

function ofTarget(target: TargetReport, now: Date): object[] {
  const { provider, account, region } = target;
  const partition = PROVIDERS[provider].partitionOf(region);
  if (partition === undefined || account === '') return [];
  const [failed] = failedTargets([target]);
  return [
    asffFinding({
      id: stableId(`target ${targetKey(target)}`),
      place: { partition, region, account },
      now,
      title: 'logseal scans every log store of the Region',
      description: failed?.message ?? `${region} was scanned completely`,
      severity: failed ? 'MEDIUM' : null,
      status: failed ? 'NOT_AVAILABLE' : 'PASSED',
      reasons: failed ? [failed] : [],
      isArchived: false,
      requirements: [],
      fix: failed?.fix ?? '',
      resources: [{ type: 'AwsAccount', id: `AWS::::Account:${account}` }],
      fields: {},
    }),
  ];
}
