import { type Arn, formatArn } from '../../domain/arn.ts';
import type { Severity } from '../../domain/catalogue-entry.ts';
import { printable } from '../../domain/printable.ts';
import { CONFIG_RULE } from '../controls.ts';
import { cut } from '../finding-text.ts';

/** What Security Hub is told of one resource. */
export interface AsffFacts {
  readonly id: string;
  /** Of the resource, or of one in the same place. */
  readonly place: Pick<Arn, 'partition' | 'region' | 'account'>;
  readonly now: Date;
  readonly title: string;
  readonly description: string;
  readonly severity: Severity | null;
  readonly status: 'PASSED' | 'FAILED' | 'NOT_AVAILABLE';
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
  /** An archived finding raises no alarm, and one that is imported as active again does. */
  readonly isArchived: boolean;
  readonly requirements: readonly string[];
  /** Empty: there is nothing to fix. */
  readonly fix: string;
  readonly resources: readonly { readonly type: string; readonly id: string }[];
  /** What ASFF has no field for; empty values are left out. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Security Hub API Reference, `AwsSecurityFinding` and `Recommendation`. Counted in bytes, which are never fewer than characters. */
const MAX_BYTES = { title: 256, description: 1024, fix: 512, reason: 2048, field: 2048 } as const;
/** Partitions that the API model of Security Hub names. */
const PARTITIONS: readonly string[] = ['aws', 'aws-cn', 'aws-us-gov'];
const GUIDE = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html';

/** One finding, as `BatchImportFindings` takes it: every text in one line, and cut to its limit. */
export function asffFinding(facts: AsffFacts): object {
  const { id, place, now, severity, reasons, requirements, fix, resources, fields } = facts;
  const { partition, region, account } = place;
  const product = { partition, service: 'securityhub', region, account, resource: `product/${account}/default` };
  const text = (value: string, maxBytes: number) => cut(printable(value), maxBytes);
  return {
    SchemaVersion: '2018-10-08',
    Id: id,
    ProductArn: formatArn(product),
    GeneratorId: `logseal/${CONFIG_RULE.name}`,
    AwsAccountId: account,
    CreatedAt: now.toISOString(),
    UpdatedAt: now.toISOString(),
    Title: text(facts.title, MAX_BYTES.title),
    Description: text(facts.description, MAX_BYTES.description),
    // Once a finding is there, an import cannot change its Severity or Types any other way.
    FindingProviderFields: {
      Severity: { Label: severity ?? 'INFORMATIONAL' },
      Types: ['Software and Configuration Checks/AWS Security Best Practices'],
    },
    Compliance: {
      Status: facts.status,
      ...(requirements.length > 0 && { RelatedRequirements: requirements }),
      ...(reasons.length > 0 && {
        StatusReasons: reasons.map(({ code, message }) => ({
          ReasonCode: code,
          Description: text(message, MAX_BYTES.reason),
        })),
      }),
    },
    ...(fix !== '' && { Remediation: { Recommendation: { Text: text(fix, MAX_BYTES.fix), Url: GUIDE } } }),
    RecordState: facts.isArchived ? 'ARCHIVED' : 'ACTIVE',
    Resources: resources.map(({ type, id: resource }) => ({
      Type: type,
      Id: text(resource, MAX_BYTES.field),
      ...(PARTITIONS.includes(partition) && { Partition: partition }),
      Region: region,
    })),
    ProductFields: Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) =>
        value === '' ? [] : [[`logseal/${name}`, text(value, MAX_BYTES.field)]],
      ),
    ),
  };
}
