import { parseArn } from '../arn.ts';
import { AWS_SUFFIX, isOptInRegion, PARTITIONS, partitionNamed, partitionOfRegion } from '../partition.ts';
import type { DocumentCode } from '../reasons.ts';
import { unrendered } from './near-miss.ts';
import type { Statement } from './parse.ts';
import type { LogsService } from './service-call.ts';
import { statementQuote } from './statement-name.ts';

interface PrincipalMistake {
  readonly code: DocumentCode;
  readonly message: string;
  readonly fix: string;
}

/** The principals of a statement that KMS refuses as "invalid principals", by their form: one mistake for each code. */
export function principalMistakes(statement: Statement, service: LogsService): PrincipalMistake[] {
  const { names } = statement.principal;
  if (names === '*') return [];
  const partition = parseArn(service.keyArn)?.partition ?? 'aws';
  const quote = statementQuote(statement);
  const found = [
    ...(names.AWS ?? []).map((name) => identityMistake(name, partition)),
    ...(names.Federated ?? []).map(providerMistake),
    ...(names.Service ?? []).map((name) => serviceMistake(name, partition, service)),
  ].filter((mistake) => mistake !== undefined);
  return [...Map.groupBy(found, ({ code }) => code)].map(([code, mistakes]) => {
    const named = [...Map.groupBy(mistakes, ({ why }) => why)].map(
      ([why, same]) => `${same.map(({ name }) => name || 'an empty principal').join(', ')} (${why})`,
    );
    const fixes = new Set(mistakes.map(({ fix }) => fix));
    return { code, message: `${quote} names ${named.join(', and ')}`, fix: `in ${quote}, ${[...fixes].join('; ')}` };
  });
}

interface Mistake {
  readonly code: DocumentCode;
  readonly name: string;
  /** Why KMS refuses it. */
  readonly why: string;
  /** Follows "in the statement, ". */
  readonly fix: string;
}

/** IAM User Guide, "AWS JSON policy elements: Principal". */
function identityMistake(name: string, partition: string): Mistake | undefined {
  if (name === '*' || ACCOUNT.test(name)) return undefined;
  const template = unrendered([name]);
  if (template) return { code: 'PRINCIPAL_INVALID', name, why: template, fix: 'render the template' };
  if (/[*?]/.test(name)) {
    const fix = 'name the account, and put the pattern into a condition on aws:PrincipalArn';
    return { code: 'PRINCIPAL_PATTERN', name, why: 'a principal takes no wildcard', fix };
  }
  if (UNIQUE_ID.test(name)) {
    const why = 'AWS shows such an id where the role or user was deleted';
    return { code: 'PRINCIPAL_ORPHAN', name, why, fix: 'remove the id, or name the role or user that took its place' };
  }
  if (isIdentity(name, partition)) return undefined;
  const why = `not an account, role or user of the partition ${partition}`;
  return { code: 'PRINCIPAL_INVALID', name, why, fix: `name an account, a role or a user of ${partition}` };
}

const ACCOUNT = /^\d{12}$/;
/** IAM User Guide, "IAM identifiers", unique identifiers: AROA for roles, AIDA for users, and others. */
const UNIQUE_ID = /^A[A-Z]{2}A[A-Z0-9]{8,}(:.*)?$/;
const IAM_RESOURCE = /^(root|(role|user)\/.+)$/;
const STS_RESOURCE = /^(assumed-role\/[^/]+\/.+|federated-user\/.+)$/;

function isIdentity(name: string, partition: string): boolean {
  const arn = parseArn(name);
  if (arn?.partition !== partition || arn.region !== '') return false;
  // CloudFront's origin access identities stand in an account of that name.
  if (!ACCOUNT.test(arn.account) && arn.account !== 'cloudfront') return false;
  return (
    (arn.service === 'iam' && IAM_RESOURCE.test(arn.resource)) ||
    (arn.service === 'sts' && STS_RESOURCE.test(arn.resource))
  );
}

/** Other identity providers than those with an ARN have domain names. */
function providerMistake(name: string): Mistake | undefined {
  if (!/^arn:.*[*?]/.test(name)) return undefined;
  const why = 'an identity provider takes no wildcard';
  return { code: 'PRINCIPAL_PATTERN', name, why, fix: 'name each identity provider' };
}

function serviceMistake(name: string, partition: string, service: LogsService): Mistake | undefined {
  if (service.isNamed(name) === 'YES') return undefined;
  const fix = `name a service principal such as ${service.regionalName}`;
  if (/[*?]/.test(name) && name !== '*' && !name.includes('${')) {
    return { code: 'PRINCIPAL_PATTERN', name, why: 'a service principal takes no wildcard', fix };
  }
  const why = unrendered([name]) ?? whyNoService(name, partition);
  return why === undefined ? undefined : { code: 'SERVICE_NAME', name, why, fix };
}

/** `amazon.com` is the suffix of Alexa's principals. */
const SUFFIXES: readonly string[] = [
  ...new Set([
    AWS_SUFFIX,
    'amazon.com',
    ...PARTITIONS.flatMap(({ urlSuffix, logsSuffixes }) => [urlSuffix, ...logsSuffixes]),
  ]),
].toSorted((one, other) => other.length - one.length);
const LABELS = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i;

/** Why no service can have a name; undefined: one can. */
function whyNoService(name: string, partition: string): string | undefined {
  const suffix = SUFFIXES.find((each) => name.toLowerCase().endsWith(`.${each}`));
  // Of a partition that no source names, the suffix is not known either.
  const mayEndSo = suffix !== undefined || (!partitionNamed(partition) && LABELS.test(name));
  if (!mayEndSo) return `service principals end in .${AWS_SUFFIX}`;
  if (suffix === undefined) return undefined;
  const rest = name.slice(0, -suffix.length - 1);
  if (!LABELS.test(rest)) return 'it has characters that no service principal has';
  const owners = PARTITIONS.filter(({ urlSuffix, logsSuffixes }) => [urlSuffix, ...logsSuffixes].includes(suffix));
  const isElsewhere = suffix !== AWS_SUFFIX && owners.length > 0 && !owners.some((owner) => owner.name === partition);
  if (isElsewhere) return `.${suffix} is the suffix of the partition ${owners[0]?.name}`;
  const region = regionIn(name);
  const home = region === undefined ? undefined : partitionOfRegion(region)?.name;
  if (home !== undefined && home !== partition) return `${region} is a Region of the partition ${home}`;
  const labels = rest.toLowerCase().split('.');
  const isLogs = labels[0] === 'logs' && labels.length > 1;
  if (isLogs && (labels.length > 2 || region === undefined)) return 'logs. must be followed by a Region';
  return labels.length > 1 && labels.at(-1) === 'logs' && labels[0] === region
    ? 'the Region must come after logs'
    : undefined;
}

const REGION = /^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/;

/** The Region in the name of a service principal. */
function regionIn(name: string): string | undefined {
  return name
    .toLowerCase()
    .split('.')
    .find((label) => REGION.test(label));
}

/** The service principals of a statement that belong to Regions which must be enabled first; that of the key is. */
export function optInPrincipals({ principal: { names } }: Statement, { keyArn }: LogsService): string[] {
  const own = parseArn(keyArn)?.region;
  const services = names === '*' ? [] : (names.Service ?? []);
  return services.filter((name) => {
    const region = regionIn(name);
    return region !== undefined && region !== own && isOptInRegion(region);
  });
}
