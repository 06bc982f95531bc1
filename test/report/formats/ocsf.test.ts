import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../lib/domain/finding.ts';
import type { ScanTotals } from '../../../lib/report/documents.ts';
import { aFinding, aKeyArn, aLogGroup, aReason, aReport } from '../../support/builders.ts';
import { aWriter, FINDINGS, scanTotals, written } from '../builders.ts';

function events(findings: readonly Finding[], totals: Partial<ScanTotals> = {}): readonly Record<string, unknown>[] {
  const text = written('scan', 'ocsf', [findings], scanTotals(findings, totals));
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
}

describe('ocsf', () => {
  it('has one event a line, in the order of the findings', () => {
    expect(events(FINDINGS).map(({ resources }) => (resources as { name: string }[])[0]?.name)).toEqual(
      FINDINGS.map(({ name }) => name),
    );
    expect(events([])).toEqual([]);
  });

  it('says all that is known of a finding', () => {
    const finding = aFinding({
      ...aLogGroup('/dead'),
      severity: 'HIGH',
      reasons: [aReason('KEY_DISABLED')],
      keyArn: aKeyArn(),
    });

    expect(events([finding])).toEqual([
      {
        class_uid: 2003,
        class_name: 'Compliance Finding',
        category_uid: 2,
        category_name: 'Findings',
        activity_id: 1,
        activity_name: 'Create',
        type_uid: 200301,
        time: Date.parse('2026-11-21T00:00:00Z'),
        severity_id: 4,
        severity: 'High',
        status_id: 1,
        status: 'New',
        message: '/dead: the message of KEY_DISABLED',
        metadata: { version: '1.6.0', profiles: ['cloud'], product: { name: 'logseal', vendor_name: 'logseal' } },
        cloud: { provider: 'AWS', region: 'eu-west-1', account: { uid: '111122223333' }, cloud_partition: 'aws' },
        finding_info: {
          uid: expect.stringMatching(/^logseal\/[0-9a-f]{64}$/),
          title: 'AWS log group: The key is disabled',
          desc: '/dead: the message of KEY_DISABLED',
          created_time: Date.parse('2026-11-21T00:00:00Z'),
          product: { name: 'logseal', vendor_name: 'logseal' },
        },
        compliance: {
          status_id: 3,
          status: 'Fail',
          control: 'cloudwatch-log-group-encrypted',
          standards: ['NIST SP 800-53 Rev. 4', 'NIST SP 800-171', 'FedRAMP Moderate', 'PCI DSS 3.2.1'],
          requirements: expect.arrayContaining(['FedRAMP Moderate SC-28']),
          status_details: ['KEY_DISABLED: the message of KEY_DISABLED'],
        },
        resources: [
          {
            uid: finding.arn,
            name: '/dead',
            type: 'AWS::Logs::LogGroup',
            region: 'eu-west-1',
            cloud_partition: 'aws',
          },
        ],
        remediation: {
          desc: 'the fix of KEY_DISABLED',
          references: ['https://docs.aws.amazon.com/config/latest/developerguide/cloudwatch-log-group-encrypted.html'],
        },
        unmapped: {
          status: 'NON_COMPLIANT',
          reasons: ['KEY_DISABLED'],
          warnings: [],
          key_arn: aKeyArn(),
          exemption: null,
        },
      },
    ]);
  });

  it.each([
    ['COMPLIANT', 'Pass', 'Resolved'],
    ['NON_COMPLIANT', 'Fail', 'New'],
    ['UNKNOWN', 'Unknown', 'New'],
    ['EXEMPT', 'Fail', 'Suppressed'],
  ] as const)('%s is %s, and the finding is %s', (status, compliance, finding) => {
    expect(events([aFinding({ status })])).toMatchObject([{ compliance: { status: compliance }, status: finding }]);
  });

  it.each([
    ['CRITICAL', 5],
    ['HIGH', 4],
    ['MEDIUM', 3],
    ['LOW', 2],
    [null, 1],
  ] as const)('gives the severity %s the id %s', (severity, id) => {
    expect(events([aFinding({ severity })])).toMatchObject([{ severity_id: id }]);
  });

  it('has an event for each target that was not scanned completely', () => {
    const error = { code: 'NETWORK', message: 'no route' } as const;
    const targets = [aReport(), aReport({ region: 'eu-north-1', status: 'FAILED', error })];

    expect(events([], { targets })).toMatchObject([
      {
        message: expect.stringContaining('eu-north-1 was not scanned completely'),
        compliance: { status: 'Unknown' },
        cloud: { region: 'eu-north-1' },
      },
    ]);
  });

  it('claims nothing of AWS for a Logstore, whose Region may have the name of one of AWS', () => {
    const place = { provider: 'alibaba', account: '', region: 'ap-southeast-1' } as const;
    const logstore = aFinding({ ...place, type: 'logstore', name: 'p/l', arn: 'acs:log:x', keyArn: null });

    expect(events([logstore])[0]).toMatchObject({
      cloud: { provider: 'Alibaba Cloud', region: 'ap-southeast-1' },
      compliance: { status: 'Fail' },
    });
    expect(JSON.stringify(events([logstore]))).not.toMatch(/cloud_partition|cloudwatch-log-group-encrypted|account/);
  });

  it('keeps nothing: each page is written at once', () => {
    const writer = aWriter('scan', 'ocsf');

    for (const finding of FINDINGS) expect(writer.page([finding])).toContain(finding.arn);
    expect(writer.end(scanTotals(FINDINGS))).toBe('');
  });
});
