import { parseArn } from '../arn.ts';
import type { Exemption } from '../exemption.ts';
import { builtInExemption } from '../finding.ts';
import { wrongRegion } from '../key-region.ts';
import type { LogStore } from '../log-store.ts';
import { partitionOfRegion } from '../partition.ts';
import { type Problem, problem, type TemplateReasonCode, worstSeverity } from '../reasons.ts';
import { exemptionOf, type Rules } from '../rules.ts';
import { logGroupArn } from '../stores/log-group.ts';
import { deployed } from './bound-policy.ts';
import type { TemplateFinding } from './finding.ts';
import { keyStateReasons, outsideReasons } from './key-state.ts';
import type {
  Declarations,
  Declared,
  DeclaredCreator,
  DeclaredKey,
  DeclaredLogGroup,
  KeyReference,
  TemplateLanguage,
} from './model.ts';
import { type PolicyEvaluator, policyEvaluator } from './policy.ts';
import { isKnown, shownText } from './unknown.ts';

/**
 * One finding for each log group that some files declare, in their order, and one for each that CloudWatch Logs would create
 * without a key.
 */
export function templateFindings(declarations: Declarations, rules: Rules): TemplateFinding[] {
  const { groups, keys, creators, language } = declarations;
  const evaluator = policyEvaluator(declarations, rules);
  const finish = finisher(declarations, rules);
  const suggest = suggester(keys, evaluator, language);
  return [
    ...groups.map((group) => finish(group, group.name, evaluated(group, suggest, declarations, evaluator))),
    ...creators.map((creator) => finish(creator, creator.name, implicitFacts(creator, suggest, language))),
  ];
}

function implicitFacts(creator: DeclaredCreator, suggest: Suggest, language: TemplateLanguage): Facts {
  const key = suggest(creator.name);
  const name = shownText(creator.name);
  const message = `${creator.what} makes CloudWatch Logs create the log group ${name}, without a key: these files do not declare it`;
  const fix = `declare the log group${key ? '' : WITH_A_KEY}:\n${language.logGroup(creator, key)}`;
  return { ...NOTHING, reasons: [problem('IMPLICIT_LOG_GROUP', message, fix)] };
}

/** Where the files have no key to take. */
const WITH_A_KEY =
  ', of a key whose policy lets CloudWatch Logs use it (docs/infrastructure-as-code.md#the-key-policy has one)';

type Facts = Pick<TemplateFinding, 'key' | 'reasons' | 'warnings' | 'verdict'>;
type Suggest = ReturnType<typeof suggester>;

const NOTHING: Facts = { key: null, reasons: [], warnings: [], verdict: null };

/** Choice: as many policies as are tried for one log group. */
const MAX_TRIED = 5;

/** The key to name in a fix: the first of the files that certainly works for every log group, or else for this one. */
function suggester(
  keys: readonly DeclaredKey[],
  { allows }: PolicyEvaluator,
  language: TemplateLanguage,
): (logGroup: string | null) => DeclaredKey | null {
  const healthy = keys.filter((key) => keyStateReasons(key, language).length === 0);
  const different = [...new Map(healthy.toReversed().map((key) => [JSON.stringify(key.policy), key])).values()];
  const tried = different.toReversed();
  const forAll = tried.find((key) => allows(key, null));
  return (logGroup) => forAll ?? tried.slice(0, MAX_TRIED).find((key) => allows(key, logGroup)) ?? null;
}

function evaluated(
  group: DeclaredLogGroup,
  suggest: Suggest,
  declarations: Declarations,
  evaluator: PolicyEvaluator,
): Facts {
  const { region, language } = declarations;
  const { key: reference, id } = group;
  const adding = (key: DeclaredKey | null) => `add to ${id}: ${language.keyAttribute(key, id)}`;
  switch (reference.kind) {
    case 'NONE': {
      const usable = suggest(group.name);
      const why = reference.because ? ` (${reference.because})` : '';
      const message = `${id} has no KMS key${why}: its logs are encrypted with a key that AWS owns`;
      return {
        ...NOTHING,
        reasons: [problem('NO_KEY', message, reference.instead ?? `${adding(usable)}${usable ? '' : WITH_A_KEY}`)],
      };
    }
    case 'UNDETERMINED':
      return { ...NOTHING, reasons: [undetermined(`whether ${id} gets a KMS key`, reference)] };
    case 'ONE_OF': {
      const { alternatives } = reference;
      const all = alternatives.map((key) => evaluated({ ...group, key }, suggest, declarations, evaluator));
      const [first = NOTHING] = all;
      const codesOf = (facts: Facts) => facts.reasons.map(({ code }) => code).join();
      const isAgreed = all.every((facts) => codesOf(facts) === codesOf(first));
      const isWrong = all.every((facts) => statusOf(facts, null) === 'NON_COMPLIANT');
      // With one key that may be named by its ARN or by its id, only what is wrong with the key itself is certain.
      if (isWrong && !isAgreed && isOneKey(all)) return first;
      if (isWrong || isAgreed) return together(all);
      const one = onlyKeyOf(alternatives);
      if (one) return dependentOnKey(one, all, reference);
      const kinds = new Set(alternatives.map(({ kind }) => kind));
      const isSameKey = kinds.has('NOT_AN_ARN') && alternatives.length === 2;
      const what = kinds.has('NONE')
        ? `whether ${id} gets a KMS key`
        : isSameKey
          ? `whether ${id} names its key by an ARN`
          : `which of several keys, not all of them right, ${id} gets`;
      return { ...NOTHING, reasons: [undetermined(what, reference)] };
    }
    case 'NOT_AN_ARN':
      return {
        ...NOTHING,
        key: reference.key && shownKey(reference.key),
        reasons: [
          problem(
            'KEY_NOT_AN_ARN',
            `${id} names its key by ${shownText(reference.what)}, where AWS takes an ARN`,
            reference.instead === undefined
              ? `write in ${id}: ${language.keyAttribute(reference.key ?? suggest(group.name), id)}${reference.key ? '' : ', or the ARN of the key as text'}`
              : `write in ${id}: ${reference.instead}`,
          ),
        ],
      };
    case 'OUTSIDE': {
      const { arn, from } = reference;
      const elsewhere = arn === null ? undefined : wrongRegion(arn, parseArn(arn)?.region, region);
      const warning = problem(
        'KEY_POLICY_UNREADABLE',
        `the key of ${id} is ${shownText(from)}, which lies outside these files: whether its policy lets CloudWatch Logs use it is not known`,
        `check it where it exists: logseal key check --key ${arn ?? 'KEY'}`,
      );
      const managed = outsideReasons(arn ?? from, reference.managedAs);
      return {
        ...NOTHING,
        key: { id: null, arn },
        reasons: [...managed, ...(elsewhere ? [elsewhere] : [])],
        warnings: managed.length > 0 ? [] : [warning],
      };
    }
    case 'DECLARED': {
      const { key } = reference;
      const { verdict, problem: wrong, warnings } = evaluator.answer(key, group.name);
      const elsewhere = wrongRegion(key.id, key.arn === null ? null : regionIn(key.arn), region);
      const reasons: Problem<TemplateReasonCode>[] = [
        ...keyStateReasons(key, language),
        ...(elsewhere ? [elsewhere] : []),
        ...(wrong ? [wrong] : []),
      ];
      return { key: shownKey(key), reasons, warnings, verdict };
    }
  }
}

/** The key that a log group certainly gets, though not all of the key is known; undefined: there may be another. */
function onlyKeyOf(alternatives: readonly KeyReference[]): DeclaredKey | undefined {
  const keys = alternatives.map((each) => (each.kind === 'DECLARED' ? each.key : undefined));
  const [first] = keys;
  return keys.every((key) => key?.id === first?.id && key?.file === first?.file) ? first : undefined;
}

/** Where some alternatives of one key are right and some are not. */
function dependentOnKey(
  key: DeclaredKey,
  all: readonly Facts[],
  { because, settledBy }: KeyReference & { kind: 'ONE_OF' },
): Facts {
  const isByPolicy = all.some(({ verdict }) => verdict !== 'ALLOWED');
  const what = isByPolicy
    ? `the key policy of ${key.id} lets CloudWatch Logs use the key`
    : `${key.id} can encrypt logs`;
  const reason = problem(
    isByPolicy ? 'KEY_POLICY_UNCERTAIN' : 'KEY_UNDETERMINED',
    `whether ${what} is not known: ${because}`,
    `to settle it: ${settledBy.join('; ')}`,
  );
  return { key: shownKey(key), reasons: [reason], warnings: [], verdict: isByPolicy ? 'UNCERTAIN' : 'ALLOWED' };
}

/** What is so whichever of some keys it is, or is wrong with each of them. */
function together(all: readonly Facts[]): Facts {
  const [{ key, verdict } = NOTHING] = all;
  return {
    key: isOneKey(all) ? key : null,
    reasons: eachOnce(all.flatMap(({ reasons }) => reasons)),
    warnings: eachOnce(all.flatMap(({ warnings }) => warnings)),
    verdict,
  };
}

function isOneKey([first, ...others]: readonly Facts[]): boolean {
  return others.every(({ key }) => key?.id === first?.key?.id && key?.arn === first?.key?.arn);
}

function eachOnce<T extends Problem<TemplateReasonCode> | Facts['warnings'][number]>(problems: readonly T[]): T[] {
  return [...new Map(problems.map((each) => [each.code + each.message, each])).values()];
}

/** Of an ARN, of which the rest may not be known. */
function regionIn(arn: string): string | undefined {
  return /^arn:[^:]*:kms:([a-z\d-]+):/.exec(arn)?.[1];
}

function undetermined(
  what: string,
  { because, settledBy }: { readonly because: string; readonly settledBy: readonly string[] },
): Problem<TemplateReasonCode> {
  return problem('KEY_UNDETERMINED', `${what} is not known: ${because}`, `to settle it: ${settledBy.join('; ')}`);
}

function shownKey({ id, arn }: DeclaredKey): TemplateFinding['key'] {
  return { id, arn: arn !== null && isKnown(arn) ? arn : null };
}

/** Makes findings of what was found out, with the exemption that covers each. */
function finisher({ region, account }: Declarations, rules: Rules) {
  const place = { provider: 'aws', account: account ?? '', region: region ?? '' } as const;
  const partition = partitionOfRegion(place.region)?.name ?? 'aws';
  return ({ file, line, id }: Declared, text: string | null, facts: Facts): TemplateFinding => {
    const known = text === null ? '' : deployed(text, { region: place.region, account: place.account, partition });
    const name = known !== '' && isKnown(known) ? known : null;
    const store: LogStore = {
      ...place,
      type: 'log-group',
      name: name ?? '',
      arn: logGroupArn(partition, place, name ?? ''),
    };
    const exemption = facts.reasons.length === 0 ? null : exemptionFor(store, rules);
    return {
      file,
      line,
      id,
      type: 'log-group',
      name,
      ...facts,
      status: statusOf(facts, exemption),
      severity: worstSeverity(facts.reasons),
      exemption,
    };
  };
}

function exemptionFor(store: LogStore, rules: Rules): Exemption | null {
  return builtInExemption(store) ?? exemptionOf(rules, rules.configuration.matched(store, null));
}

/** What is certainly wrong stays wrong, whatever else is not known. */
function statusOf({ reasons }: Facts, exemption: Exemption | null): TemplateFinding['status'] {
  if (reasons.length === 0) return 'COMPLIANT';
  if (exemption) return 'EXEMPT';
  return reasons.every(({ code }) => UNKNOWN_CODES.includes(code)) ? 'UNKNOWN' : 'NON_COMPLIANT';
}

const UNKNOWN_CODES: readonly TemplateReasonCode[] = ['KEY_UNDETERMINED', 'KEY_POLICY_UNCERTAIN'];
