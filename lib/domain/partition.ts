/** A partition of AWS: a group of Regions with endpoints, ARNs and service principals of its own. */
export interface Partition {
  /** As ARNs have it: `aws-cn`. */
  readonly name: string;
  readonly regions: RegExp;
  /** What endpoints end with, and `AWS::URLSuffix` in CloudFormation. Service principals may end otherwise. */
  readonly urlSuffix: string;
  /**
   * What the service principal of CloudWatch Logs ends with. Several: the sources disagree. None: no source says it.
   * Sources: the tables of Terraform's AWS provider (`service_principal_data_source.go`) and of the CDK (`region-info`).
   */
  readonly logsSuffixes: readonly string[];
  /**
   * The Regions that every account has; an account must enable any other first, and until then KMS refuses the service
   * principals of that Region. Absent: every account has all of them.
   */
  readonly enabledByDefault?: ReadonlySet<string>;
}

/** What most service principals end with, in every partition. */
export const AWS_SUFFIX = 'amazonaws.com';

/** AWS Account Management Reference Guide, "Enable or disable AWS Regions in your account". */
export const ENABLED_BY_DEFAULT: ReadonlySet<string> = new Set([
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
]);

/** Names, Regions and URL suffixes are those of the table in the AWS SDK; a test compares the two. */
export const PARTITIONS: readonly Partition[] = [
  {
    ...regional('aws', '(us|eu|ap|sa|ca|me|af|il|mx)'),
    urlSuffix: AWS_SUFFIX,
    logsSuffixes: [AWS_SUFFIX],
    enabledByDefault: ENABLED_BY_DEFAULT,
  },
  { ...regional('aws-cn', 'cn'), urlSuffix: `${AWS_SUFFIX}.cn`, logsSuffixes: [`${AWS_SUFFIX}.cn`] },
  { ...regional('aws-us-gov', 'us-gov'), urlSuffix: AWS_SUFFIX, logsSuffixes: [AWS_SUFFIX] },
  { ...regional('aws-iso', 'us-iso'), urlSuffix: 'c2s.ic.gov', logsSuffixes: ['c2s.ic.gov'] },
  { ...regional('aws-iso-b', 'us-isob'), urlSuffix: 'sc2s.sgov.gov', logsSuffixes: ['sc2s.sgov.gov'] },
  { ...regional('aws-iso-e', 'eu-isoe'), urlSuffix: 'cloud.adc-e.uk', logsSuffixes: [] },
  { ...regional('aws-iso-f', 'us-isof'), urlSuffix: 'csp.hci.ic.gov', logsSuffixes: [] },
  { ...regional('aws-eusc', 'eusc-(de)'), urlSuffix: 'amazonaws.eu', logsSuffixes: [AWS_SUFFIX, 'amazonaws.eu'] },
];

function regional(name: string, prefix: string): Pick<Partition, 'name' | 'regions'> {
  return { name, regions: new RegExp(`^${prefix}-\\w+-\\d+$`) };
}

/** @returns undefined for a partition that no source names */
export function partitionNamed(name: string): Partition | undefined {
  return PARTITIONS.find((partition) => partition.name === name);
}

/** The partition that a Region belongs to; undefined: the form of its name belongs to none. */
export function partitionOfRegion(region: string): Partition | undefined {
  return PARTITIONS.find(({ regions }) => regions.test(region));
}

/** A Region that no account can disable, of the only partition that has others. */
export const ALWAYS_ENABLED = 'us-east-1';

/** Whether an account must enable a Region before it can be used. */
export function isOptInRegion(region: string): boolean {
  return partitionOfRegion(region)?.enabledByDefault?.has(region) === false;
}

/** Where to ask what is the same in all Regions: in this one, or where an account may not have enabled it, in one that every account has. */
export function inEveryAccount(region: string): string {
  return isOptInRegion(region) ? ALWAYS_ENABLED : region;
}

/**
 * The endpoint of CloudWatch Logs, which is what `kms:ViaService` holds (KMS Developer Guide, "AWS KMS condition keys"): not
 * always the service principal.
 */
export function logsEndpoint(partition: string, region: string): string {
  return `logs.${region}.${partitionNamed(partition)?.urlSuffix ?? AWS_SUFFIX}`;
}

/** The service principals of CloudWatch Logs in one Region. */
export interface LogsPrincipals {
  /** The documented one first, with the Region in its name; under `isCertain` the only one. */
  readonly regional: readonly string[];
  /** Without the Region: not documented, but seen to work. */
  readonly global: readonly string[];
  /** Whether the sources agree on them. */
  readonly isCertain: boolean;
}

/**
 * @param known the service principal as a person names it, for instance `logs.eusc-de-east-1.amazonaws.eu`; it counts in its
 *   Region, where the sources do not agree
 */
export function logsPrincipals(partition: string, region: string, known: string | null = null): LogsPrincipals {
  const prefix = `logs.${region}.`;
  const { logsSuffixes = [], urlSuffix = AWS_SUFFIX } = partitionNamed(partition) ?? {};
  const isCertain = logsSuffixes.length === 1;
  if (!isCertain && known?.startsWith(prefix)) {
    return { regional: [known], global: [`logs.${known.slice(prefix.length)}`], isCertain: true };
  }
  const suffixes = logsSuffixes.length === 0 ? [...new Set([AWS_SUFFIX, urlSuffix])] : logsSuffixes;
  return {
    regional: suffixes.map((suffix) => `${prefix}${suffix}`),
    global: suffixes.map((suffix) => `logs.${suffix}`),
    isCertain,
  };
}
