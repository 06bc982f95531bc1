import { parseArn } from '../arn.ts';
import type { EvaluatedAction } from './actions.ts';
import type { KeyValue } from './operators.ts';
import type { Condition, Statement } from './parse.ts';
import { LOGS_CONTEXT, LOGS_CONTEXT_KEY, type LogsService, type ServiceCall } from './service-call.ts';
import {
  type BoundPolicy,
  conditionHolds,
  conditionsHold,
  isEverybody,
  possibleValuesOf,
  type Reach,
  reachOf,
} from './statement.ts';
import { statementQuote } from './statement-name.ts';
import { some } from './tri.ts';
import { matchesWildcard } from './wildcard.ts';

/** Why no statement allows an action: names the Allow that comes closest, and which rule it breaks. */
export function nearMiss(policy: BoundPolicy, call: ServiceCall, action: EvaluatedAction): string {
  const misses = policy.statements.flatMap((statement) => missOf(policy, statement, call, action));
  const [first, ...others] = misses;
  if (!first) return `no statement allows ${policy.service.regionalName} to use the key`;
  const closest = others.reduce((best, miss) => (isCloser(miss, best) ? miss : best), first);
  return `no statement allows it; the closest, ${statementQuote(closest.statement)}, ${closest.lacks.map(({ what }) => what).join(', and ')}`;
}

/** An Allow that does not apply, and why. */
interface Miss {
  readonly statement: Statement;
  /** 2: it names CloudWatch Logs; 1: it covers it in another way; 0: it names a similar service. */
  readonly principal: 0 | 1 | 2;
  /** How many of principal, action, resource and conditions apply. */
  readonly parts: number;
  readonly lacks: readonly Lack[];
}

interface Lack {
  readonly what: string;
  /** Whether it is a known mistake, of which the words say how to correct it. */
  readonly isKnown: boolean;
}

/** A statement that names CloudWatch Logs comes first, then one with a known mistake, then one of which more applies. */
function isCloser(miss: Miss, best: Miss): boolean {
  const knows = ({ lacks }: Miss) => Number(lacks.some(({ isKnown }) => isKnown));
  return (miss.principal - best.principal || knows(miss) - knows(best) || miss.parts - best.parts) > 0;
}

function missOf(policy: BoundPolicy, statement: Statement, call: ServiceCall, action: EvaluatedAction): Miss[] {
  if (statement.effect === 'Deny') return [];
  const reach = reachOf(policy, statement, policy.service, action);
  const { not: inverted, names } = statement.principal;
  const similar = similarServices(statement);
  if (reach.principal === 'NO' && similar.length === 0) return [];
  const isNamed = !inverted && names !== '*' && some(names.Service ?? [], policy.service.isNamed) !== 'NO';
  const isForIdentities =
    !isNamed && isEverybody(names) && statement.conditions.some(({ key }) => IDENTITY_KEYS.has(key));
  if (isForIdentities) return [];
  const principal = reach.principal === 'NO' ? 0 : isNamed ? 2 : 1;
  const reached = [...Object.values(reach), conditionsHold(policy, statement, call, action)];
  const parts = reached.filter((part) => part !== 'NO').length;
  const lacks =
    principal === 0 ? [wrongService(similar, policy.service)] : whatItLacks(policy, statement, reach, call, action);
  return [{ statement, principal, parts, lacks }];
}

/** Conditions of a statement for everybody that are about identities, so that it was not written for a service. */
const IDENTITY_KEYS: ReadonlySet<string> = new Set([
  'kms:calleraccount',
  'kms:viaservice',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalarn',
  'aws:principalaccount',
]);

/**
 * The service principals that stand where that of CloudWatch Logs should (docs/key-policy-rules.md#rule-12): of a statement
 * with the encryption context of CloudWatch Logs all of them, of another statement those with a similar name.
 */
function similarServices({ principal: { not: inverted, names }, conditions }: Statement): readonly string[] {
  const services = inverted || names === '*' ? [] : (names.Service ?? []);
  const isForLogs = conditions.some(({ key }) => key === LOGS_CONTEXT_KEY);
  return isForLogs ? services : services.filter((name) => /\b(cloudwatch)?logs?\b|cloudwatch/i.test(name));
}

function whatItLacks(
  policy: BoundPolicy,
  statement: Statement,
  reach: Reach,
  call: ServiceCall,
  action: EvaluatedAction,
): Lack[] {
  if (reach.resource === 'NO') {
    const template = unrendered(statement.resource?.names ?? []);
    const names = statement.resource ? 'names another resource' : 'has no Resource';
    const what = `${names} (in a key policy, "*" means this key)`;
    return [lack(what, template)];
  }
  if (reach.action === 'NO') {
    const bare = statement.action?.not ? undefined : statement.action?.names.find((name) => /^\w+$/.test(name));
    return [lack('does not list it', bare && `${bare} has no service prefix: write kms:${bare}`)];
  }
  const failing = statement.conditions.filter(
    (candidate) => conditionHolds(policy, statement, candidate, call, action) === 'NO',
  );
  const isForService = !isEverybody(statement.principal.names);
  return failing.map((condition) =>
    whyItFails(condition, possibleValuesOf(policy, condition.key, statement, call, action), isForService),
  );
}

function lack(what: string, correction: string | undefined): Lack {
  return { what: correction ? `${what}: ${correction}` : what, isKnown: correction !== undefined };
}

function wrongService(services: readonly string[], { regionalName }: LogsService): Lack {
  const template = unrendered(services);
  const isLogs = services.some((name) => /^logs\./i.test(name));
  const why = isLogs ? '' : ', which is another service';
  const names = `names ${services.join(', ')}`;
  return template ? lack(names, template) : { what: `${names}${why}, not ${regionalName}`, isKnown: true };
}

function whyItFails(condition: Condition, possibleValues: readonly KeyValue[], isForService: boolean): Lack {
  const [possibleValue] = possibleValues;
  if (possibleValue === undefined && possibleValues.length === 1) {
    const what = `requires ${show(condition)}, but this call by CloudWatch Logs does not carry that condition key`;
    return lack(what, isForService ? wrongKey(condition.key) : undefined);
  }
  const [value] = possibleValue ?? [];
  const actual = typeof value === 'object' ? (value.form ?? value) : value;
  if (actual === undefined) return lack(`requires ${show(condition)}`, undefined);
  if (typeof actual !== 'string') {
    const beginning = actual.beginning && `, but the value begins with ${actual.beginning}`;
    return lack(`requires ${show(condition)}${beginning}`, undefined);
  }
  return lack(`requires ${show(condition)}, but the value is ${actual}`, brokenRule(condition, actual));
}

/** What is wrong with a condition key in a statement for a service. */
function wrongKey(key: string): string | undefined {
  if (key === 'kms:viaservice') return 'remove that condition from the statement for a service';
  return key.startsWith('kms:encryptioncontext:') ? `CloudWatch Logs sets ${LOGS_CONTEXT} only` : undefined;
}

/** Which rule a value breaks that comes close to matching. */
function brokenRule({ written, key, values }: Condition, actual: string): string | undefined {
  const template = unrendered(values);
  if (template) return template;
  for (const value of values) {
    // docs/key-policy-rules.md#rule-7
    if (/:log-group:\*:\*$/.test(value)) {
      return `${value} matches no log group, since nothing follows the name: end it in log-group:*`;
    }
    const isSuffixed = /:log-group:.+:\*$/.test(value) && matchesWildcard(value.slice(0, -2), actual);
    const name = isSuffixed ? value.slice(0, -2) : value;
    // docs/key-policy-rules.md#rule-5
    const isLiteral =
      /^(for\w+:)?string(not)?equals/i.test(written) && /[*?]/.test(name) && matchesWildcard(name, actual);
    const corrections = [
      isSuffixed && 'remove the :* at its end, which the ARN in the call does not have',
      isLiteral &&
        `${written.split(' ')[0]} takes the wildcard literally: use ${key.endsWith('arn') ? 'ArnLike' : 'StringLike'}`,
    ].filter(Boolean);
    if (corrections.length > 0) return corrections.join(', and ');
  }
  return key.endsWith('arn') && values.length === 1 ? wrongPart(values[0] ?? '', actual) : undefined;
}

/** Which part of an ARN pattern keeps it from matching, where it is a single one. */
function wrongPart(pattern: string, actual: string): string | undefined {
  const [wanted, found] = [parseArn(pattern), parseArn(actual)];
  if (!wanted || !found) return undefined;
  const wrong = (['partition', 'service', 'region', 'account', 'resource'] as const).filter(
    (part) => !matchesWildcard(wanted[part], found[part]),
  );
  const [part, ...others] = wrong;
  if (part === undefined || others.length > 0) return undefined;
  if (part !== 'resource') return `the ${part === 'region' ? 'Region' : part} must be ${found[part]}`;
  const isGroup = found.resource.startsWith('log-group:');
  return isGroup && !wanted.resource.startsWith('log-group:') ? 'the resource must begin with log-group:' : undefined;
}

/** What is said before a `${…}` that nothing replaced. */
export const UNRENDERED = 'a template variable was never rendered: ';

/**
 * What is said of `${…}` that stands for no policy variable: a template wrote it, and nothing replaced it
 * (docs/key-policy-rules.md#rule-19). IAM User Guide, "Policy elements: Variables and tags": a variable is `${prefix:name}`,
 * `${*}`, `${?}` or `${$}`.
 * @returns undefined where the texts have none
 */
export function unrendered(texts: readonly string[]): string | undefined {
  const variables = texts.flatMap((text) => [...text.matchAll(/\$\{([^}]*)\}?/g)]);
  const found = variables.find(([, name = '']) => !/^([*?$]|[\w.-]+:[^:].*)$/.test(name));
  return found && `${UNRENDERED}${found[0]}`;
}

/** A condition as the policy writes it. */
export function show({ written, values }: Condition): string {
  return `${written} = ${values.length === 1 ? values[0] : JSON.stringify(values)}`;
}
