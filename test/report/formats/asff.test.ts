import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../lib/domain/finding.ts';
import { problem } from '../../../lib/domain/reasons.ts';
import type { ScanTotals } from '../../../lib/report/documents.ts';
import { aFinding, aKeyArn, aLogGroup, aReason, aReport, NOW } from '../../support/builders.ts';
import { aWriter, FINDINGS, scanTotals, written } from '../builders.ts';

interface Asff {
  readonly Id: string;
  readonly Title: string;
  readonly Description: string;
  readonly RecordState: string;
  readonly Compliance: { readonly Status: string };
  readonly ProductFields: Readonly<Record<string, string>>;
  readonly Resources: readonly { readonly Type: string; readonly Id: string }[];
}

function imported(findings: readonly Finding[], totals: Partial<ScanTotals> = {}, now = NOW): readonly Asff[] {
  return JSON.parse(written('scan', 'asff', [findings], scanTotals(findings, totals), { now }));
}

const one = (finding: Finding): Asff | undefined => imported([finding])[0];

describe('asff', () => {
  it('is a list, however the findings come, and ends with a finding for each target', () => {
    const totals = scanTotals(FINDINGS);
    const whole = written('scan', 'asff', [FINDINGS], totals);

    expect(JSON.parse(whole)).toHaveLength(FINDINGS.length + 1);
    expect(written('scan', 'asff', [[], FINDINGS.slice(0, 1), [], FINDINGS.slice(1)], totals)).toBe(whole);
    expect(JSON.parse(written('scan', 'asff', [], scanTotals([], { targets: [] })))).toEqual([]);
  });

  it('says all that Security Hub needs, and cites the rule and the frameworks that ask for a key', () => {
    const finding = aFinding({
      ...aLogGroup('/dead'),
      severity: 'HIGH',
      reasons: [aReason('KEY_DISABLED'), aReason('KEY_WRONG_USAGE')],
      warnings: [problem('KEY_POLICY_DENIES', 'it denies', 'stop it')],
      keyArn: aKeyArn('dead'),
    });

    expect(one(finding)).toEqual({
      SchemaVersion: '2018-10-08',
      Id: expect.stringMatching(/^logseal\/[0-9a-f]{64}$/),
      ProductArn: 'arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default',
      GeneratorId: 'logseal/cloudwatch-log-group-encrypted',
      AwsAccountId: '111122223333',
      CreatedAt: '2026-11-21T00:00:00.000Z',
      UpdatedAt: '2026-11-21T00:00:00.000Z',
      Title: 'AWS log group: The key is disabled',
      Description: '/dead: the message of KEY_DISABLED; the message of KEY_WRONG_USAGE',
      FindingProviderFields: {
        Severity: { Label: 'HIGH' },
        Types: ['Software and Configuration Checks/AWS Security Best Practices'],
      },
      Compliance: {
        Status: 'FAILED',
        RelatedRequirements: [
          'NIST SP 800-53 Rev. 4 SC-13',
          'NIST SP 800-53 Rev. 4 SC-28',
          'NIST SP 800-171 3.13.16',
          'FedRAMP Moderate SC-28',
          'PCI DSS 3.2.1 3.4',
        ],
        StatusReasons: [
          { ReasonCode: 'KEY_DISABLED', Description: 'the message of KEY_DISABLED' },
          { ReasonCode: 'KEY_WRONG_USAGE', Description: 'the message of KEY_WRONG_USAGE' },
          { ReasonCode: 'KEY_POLICY_DENIES', Description: 'it denies' },
        ],
      },
      Remediation: {
        Recommendation: {
          Text: 'the fix of KEY_DISABLED; the fix of KEY_WRONG_USAGE',
          Url: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html',
        },
      },
      RecordState: 'ACTIVE',
      Resources: [
        { Type: 'Other', Id: finding.arn, Partition: 'aws', Region: 'eu-west-1' },
        { Type: 'AwsKmsKey', Id: aKeyArn('dead'), Partition: 'aws', Region: 'eu-west-1' },
      ],
      ProductFields: {
        'logseal/Status': 'NON_COMPLIANT',
        'logseal/Fix': 'the fix of KEY_DISABLED; the fix of KEY_WRONG_USAGE',
      },
    });
  });

  it.each([
    ['COMPLIANT', 'PASSED', 'ACTIVE'],
    ['NON_COMPLIANT', 'FAILED', 'ACTIVE'],
    ['UNKNOWN', 'NOT_AVAILABLE', 'ACTIVE'],
  ] as const)('%s is %s', (status, compliance, record) => {
    const reasons = status === 'COMPLIANT' ? [] : [aReason('KEY_UNREADABLE')];

    expect(one(aFinding({ status, reasons }))).toMatchObject({
      Compliance: { Status: compliance },
      RecordState: record,
    });
  });

  it('archives what is exempt, which the next import without the exemption takes back, and says by which exemption', () => {
    const exemption = { id: 'vendor', reason: 'it cannot', owner: 'a@example.com', expires: '2027-03-31' };
    const exempt = one(aFinding({ status: 'EXEMPT', exemption }));
    const later = one(aFinding());

    expect(exempt).toMatchObject({ RecordState: 'ARCHIVED', Compliance: { Status: 'FAILED' }, Id: later?.Id });
    expect(exempt?.ProductFields).toMatchObject({
      'logseal/Exemption/Id': 'vendor',
      'logseal/Exemption/Owner': 'a@example.com',
      'logseal/Exemption/Reason': 'it cannot',
      'logseal/Exemption/Expires': '2027-03-31',
    });
    expect(later).toMatchObject({ RecordState: 'ACTIVE' });
    expect(exempt).not.toHaveProperty('Workflow');
  });

  it('gives a log store the same id in every scan, and no other one', () => {
    const names = Array.from({ length: 50 }, (_, index) => `/app/${index}`);
    const ids = (now: Date) =>
      imported(
        names.map((name) => aFinding(aLogGroup(name))),
        {},
        now,
      ).map(({ Id }) => Id);
    const later = new Date('2027-01-01T00:00:00Z');

    expect(ids(later)).toEqual(ids(NOW));
    expect(new Set(ids(NOW)).size).toBe(51);
    expect(one(aFinding(aLogGroup('/a', { region: 'eu-north-1' })))?.Id).not.toBe(one(aFinding(aLogGroup('/a')))?.Id);
  });

  it('keeps to the limits of Security Hub, and says where a text was cut', () => {
    const long = '€'.repeat(5_000);
    const finding = aFinding({ ...aLogGroup('x'.repeat(512)), reasons: [problem('NO_KEY', long, long)] });
    const [asff] = imported([finding]);
    const bytes = Buffer.byteLength(JSON.stringify(asff));

    expect(asff?.Id.length).toBeLessThanOrEqual(512);
    expect(Buffer.byteLength(asff?.Description ?? '')).toBeLessThanOrEqual(1024);
    expect(asff?.Description).toMatch(/[^\ufffd]…$/);
    expect(asff?.Resources[0]?.Id).toBe(finding.arn);
    expect(bytes).toBeLessThan(240 * 1024);
  });

  it('says of each target whether it was scanned completely, under one id', () => {
    const target = { region: 'eu-north-1' };
    const error = { code: 'THROTTLED', message: 'slow down' } as const;
    const [complete] = imported([], { targets: [aReport(target)] });
    const [failed] = imported([], { targets: [aReport({ ...target, status: 'FAILED', error })] });

    expect(complete).toMatchObject({ Compliance: { Status: 'PASSED' }, Resources: [{ Type: 'AwsAccount' }] });
    expect(failed).toMatchObject({
      Id: complete?.Id,
      Compliance: { Status: 'NOT_AVAILABLE' },
      Description: expect.stringContaining('eu-north-1 was not scanned completely'),
    });
  });

  it('leaves out what Security Hub does not take: other clouds, and an account that is not known', () => {
    const alibaba = { provider: 'alibaba', account: '1234567890123456', region: 'ap-southeast-1' } as const;
    const arn = 'acs:log:ap-southeast-1:1234567890123456:project/p/logstore/l';
    const logstore = aFinding({ ...alibaba, type: 'logstore', name: 'p/l', arn, reasons: [aReason('ENCRYPTION_OFF')] });
    const targets = [aReport(alibaba), aReport({ account: '', status: 'FAILED' })];

    expect(imported([logstore], { targets })).toEqual([]);
  });

  it('claims no rule of AWS Config for query results, for which there is none', () => {
    const results = aFinding({ ...aLogGroup('query-result:*'), type: 'query-results' });

    expect(one(results)?.Compliance).not.toHaveProperty('RelatedRequirements');
  });

  it('keeps nothing: each page is written at once', () => {
    const writer = aWriter('scan', 'asff');
    writer.begin();

    for (const finding of FINDINGS) expect(writer.page([finding])).toContain(finding.arn);
    expect(writer.end(scanTotals(FINDINGS))).not.toContain('/dead');
  });
});
