import { parseArn } from '../../domain/arn.ts';
import type { Severity } from '../../domain/catalogue-entry.ts';
import type { Finding, FindingStatus } from '../../domain/finding.ts';
import { printable } from '../../domain/printable.ts';
import { PROVIDERS } from '../../domain/providers/index.ts';
import { type Target, targetKey } from '../../domain/target.ts';
import { CONFIG_RULE, controlsOf, requirementsOf } from '../controls.ts';
import { type FailedTarget, failedTargets } from '../failed-targets.ts';
import { fixesOf, messageOf, stableId, titleOf } from '../finding-text.ts';
import type { WriterOf } from '../format.ts';

/**
 * One event of OCSF 1.6 a line, as the findings come: class 2003, Compliance Finding, with the profile `cloud`. A target that
 * was not scanned completely is an event with the compliance status Unknown.
 */
export const scanOcsf: WriterOf<'scan'> = ({ now }) => ({
  begin: () => '',
  page: (findings) => findings.map((finding) => line(ofStore(finding, now))).join(''),
  end: ({ targets }) =>
    failedTargets(targets)
      .map((target) => line(ofTarget(target, now)))
      .join(''),
});

function line(event: object): string {
  return `${JSON.stringify(event, (_, value) => (typeof value === 'string' ? printable(value) : value))}\n`;
}

const NOT_KNOWN = { status_id: 0, status: 'Unknown' };
const COMPLIANCE: Readonly<Record<FindingStatus, { readonly status_id: number; readonly status: string }>> = {
  COMPLIANT: { status_id: 1, status: 'Pass' },
  NON_COMPLIANT: { status_id: 3, status: 'Fail' },
  EXEMPT: { status_id: 3, status: 'Fail' },
  UNKNOWN: NOT_KNOWN,
};
const NEW = { status_id: 1, status: 'New' };
const FINDING_STATUS: typeof COMPLIANCE = {
  COMPLIANT: { status_id: 4, status: 'Resolved' },
  NON_COMPLIANT: NEW,
  EXEMPT: { status_id: 3, status: 'Suppressed' },
  UNKNOWN: NEW,
};
const SEVERITIES: Readonly<Record<Severity, { readonly severity_id: number; readonly severity: string }>> = {
  LOW: { severity_id: 2, severity: 'Low' },
  MEDIUM: { severity_id: 3, severity: 'Medium' },
  HIGH: { severity_id: 4, severity: 'High' },
  CRITICAL: { severity_id: 5, severity: 'Critical' },
};
const INFORMATIONAL = { severity_id: 1, severity: 'Informational' };

function ofStore(finding: Finding, now: Date): object {
  const { arn, name, type, region, status, severity, reasons, warnings, keyArn, exemption } = finding;
  const controls = controlsOf(finding);
  const fix = fixesOf(finding);
  const partition = parseArn(arn)?.partition;
  return {
    ...eventOf(finding, now, severity),
    ...FINDING_STATUS[status],
    message: messageOf(finding),
    finding_info: infoOf(stableId(arn), titleOf(finding), messageOf(finding), now),
    compliance: {
      ...COMPLIANCE[status],
      ...(controls && {
        control: controls.rule.name,
        standards: controls.frameworks.map((framework) => framework.name),
        requirements: requirementsOf(controls.frameworks),
      }),
      status_details: [...reasons, ...warnings].map(({ code, message }) => `${code}: ${message}`),
    },
    resources: [
      {
        uid: arn,
        name,
        type: controls?.rule.resourceType ?? type,
        region,
        ...(partition !== undefined && { cloud_partition: partition }),
      },
    ],
    ...(fix !== '' && { remediation: { desc: fix, references: controls ? [CONFIG_RULE.url] : [] } }),
    unmapped: {
      status,
      reasons: reasons.map(({ code }) => code),
      warnings: warnings.map(({ code }) => code),
      key_arn: keyArn,
      exemption,
    },
  };
}

function ofTarget(target: FailedTarget, now: Date): object {
  const { code, message, fix } = target;
  const title = 'logseal scans every log store of the Region';
  return {
    ...eventOf(target, now, 'MEDIUM'),
    ...NEW,
    message,
    finding_info: infoOf(stableId(`target ${targetKey(target)}`), title, message, now),
    compliance: { ...NOT_KNOWN, status_details: [message] },
    ...(fix !== null && { remediation: { desc: fix } }),
    unmapped: { status: 'UNKNOWN', reasons: [code] },
  };
}

function eventOf({ provider, account, region }: Target, now: Date, severity: Severity | null): object {
  const { cloudName, partitionOf } = PROVIDERS[provider];
  const partition = partitionOf(region);
  return {
    class_uid: 2003,
    class_name: 'Compliance Finding',
    category_uid: 2,
    category_name: 'Findings',
    activity_id: 1,
    activity_name: 'Create',
    type_uid: 200301,
    time: now.getTime(),
    ...(severity ? SEVERITIES[severity] : INFORMATIONAL),
    metadata: { version: '1.6.0', profiles: ['cloud'], product: { name: 'logseal', vendor_name: 'logseal' } },
    cloud: {
      provider: cloudName,
      region,
      ...(account !== '' && { account: { uid: account } }),
      ...(partition !== undefined && { cloud_partition: partition }),
    },
  };
}

function infoOf(uid: string, title: string, desc: string, now: Date): object {
  return { uid, title, desc, created_time: now.getTime(), product: { name: 'logseal', vendor_name: 'logseal' } };
}
