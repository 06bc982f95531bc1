import { wrongRegion } from '../key-region.ts';
import { type Problem, problem, type TemplateReasonCode } from '../reasons.ts';
import type { Rules } from '../rules.ts';
import { type Facts, inSource, NOTHING, toSettle, undetermined } from './facts.ts';
import type { TemplateFinding } from './finding.ts';
import { finisher, statusOf } from './finish.ts';
import { groupsCreatedBy, implicitFacts } from './implicit.ts';
import { keyStateReasons, outsideReasons } from './key-state.ts';
import type { Declarations, Declared, DeclaredKey, DeclaredLogGroup, KeyReference } from './model.ts';
import { type PolicyEvaluator, policyEvaluator } from './policy.ts';
import { type Suggest, suggester } from './suggest.ts';
import { isKnown, shownText } from './unknown.ts';

/**
 * One finding for each log group that some files declare, in their order, and one for each that CloudWatch Logs would create
 * without a key.
 */
export function templateFindings(declarations: Declarations, rules: Rules): TemplateFinding[] {
  const { groups, creators, language } = declarations;
  const evaluator = policyEvaluator(declarations, rules);
  const finish = finisher(declarations, rules);
  const suggest = suggester(declarations, evaluator);
  return [
    ...groups.map((group) => finish(group, group.name, evaluated(group, suggest, declarations, evaluator))),
    ...groupsCreatedBy(creators).map((group) =>
      finish(group.creator, group.creator.name, implicitFacts(group, suggest, language)),
    ),
  ];
}

function evaluated(
  group: DeclaredLogGroup,
  suggest: Suggest,
  declarations: Declarations,
  evaluator: PolicyEvaluator,
): Facts {
  const { region, language } = declarations;
  const { key: reference } = group;
  const say = (reason: Problem<TemplateReasonCode>, about: Declared = group) => inSource(about, reason, language);
  switch (reference.kind) {
    case 'NONE': {
      const { key, before, after } = suggest(group, group.name);
      const why = reference.because ? ` (${reference.because})` : '';
      const effect = reference.isRefused ? '' : ': its logs are encrypted with a key that AWS owns';
      const message = `the log group has no KMS key${why}${effect}`;
      const fix = `${before}${language.attachKey(key, group)}${after}`;
      return { ...NOTHING, reasons: [say(problem('NO_KEY', message, reference.instead ?? fix))] };
    }
    case 'UNDETERMINED':
      return { ...NOTHING, reasons: [say(undetermined('whether the log group gets a KMS key', reference))] };
    case 'ONE_OF': {
      const { alternatives } = reference;
      const all = alternatives.map((key) => evaluated({ ...group, key }, suggest, declarations, evaluator));
      const [first = NOTHING] = all;
      const codesOf = (facts: Facts) => facts.reasons.map(({ code }) => code).join();
      const isAgreed = all.every((facts) => codesOf(facts) === codesOf(first));
      const isWrong = all.every((facts) => statusOf(facts, null) === 'NON_COMPLIANT');
      // With one key that may be named by its ARN or by its id, only what is wrong with the key itself is certain.
      const certain = first.reasons.filter(({ code }) =>
        all.every((each) => each.reasons.some((one) => one.code === code)),
      );
      if (isWrong && certain.length > 0 && isOneKey(all)) return { ...first, reasons: certain };
      const kinds = new Set(alternatives.map(({ kind }) => kind));
      const mayHaveNone = kinds.has('NONE');
      if (isAgreed || (isWrong && !mayHaveNone)) return together(all);
      const one = onlyKeyOf(alternatives);
      if (one) return dependentOnKey(one, all, reference);
      const what = mayHaveNone
        ? 'whether the log group gets a KMS key'
        : kinds.has('NOT_AN_ARN') && isOneKey(all)
          ? 'whether the log group names its key by an ARN'
          : 'which of several keys, not all of them right, the log group gets';
      const reason = undetermined(what, reference);
      const message = isWrong ? `${reason.message}; it is not compliant either way` : reason.message;
      const { key, verdict } = together(all);
      return { ...NOTHING, ...(key && { key, verdict }), reasons: [say({ ...reason, message })] };
    }
    case 'NOT_AN_ARN': {
      const { what, why, key, instead } = reference;
      const because = why === undefined ? '' : `: ${why}`;
      const message = `the log group names its key by ${shownText(what)}, where AWS takes an ARN${because}`;
      if (!key) {
        const { key: other, before, after } = suggest(group, group.name);
        const attach = `${before}${language.attachKey(other, group)}${after}, or the ARN of an existing key as text`;
        return { ...NOTHING, reasons: [say(problem('KEY_NOT_AN_ARN', message, instead ?? attach))] };
      }
      const reason = say(problem('KEY_NOT_AN_ARN', message, instead ?? language.attachKey(key, group)));
      // Once the log group names the key by its ARN, AWS refuses what else is wrong with that key.
      const own = evaluated({ ...group, key: { kind: 'DECLARED', key } }, suggest, declarations, evaluator);
      return { ...own, reasons: [reason, ...own.reasons] };
    }
    case 'OUTSIDE': {
      const { arn, from } = reference;
      const elsewhere = wrongRegion(shownText(arn ?? from), regionIn(arn ?? from), region);
      const warning = problem(
        'KEY_POLICY_UNREADABLE',
        `the key is ${shownText(from)}, which lies outside these files: whether its policy lets CloudWatch Logs use it is not known`,
        arn === null
          ? `check the key that ${shownText(from)} gives, where it exists: logseal key check --key ARN`
          : `check it where it exists: logseal key check --key ${shownText(arn)}`,
      );
      const unusable = outsideReasons(arn ?? from, reference);
      return {
        ...NOTHING,
        key: { id: null, arn },
        reasons: [...unusable, ...(elsewhere ? [elsewhere] : [])].map((reason) => say(reason)),
        warnings: unusable.length > 0 ? [] : [warning],
      };
    }
    case 'DECLARED': {
      const { key } = reference;
      const { verdict, problem: wrong, warnings } = evaluator.answer(key, group.name);
      const elsewhere = wrongRegion(key.id, key.region, region);
      const reasons: Problem<TemplateReasonCode>[] = [
        ...keyStateReasons(key, language).map((reason) => say(reason, key)),
        ...(elsewhere ? [say(elsewhere)] : []),
        // A statement for another Region could not help.
        ...(wrong && !elsewhere ? [say(wrong, key)] : []),
      ];
      return { key: shownKey(key), reasons, warnings, verdict: elsewhere ? null : verdict };
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
    toSettle(settledBy),
  );
  return { key: shownKey(key), reasons: [reason], warnings: [], verdict: isByPolicy ? 'UNCERTAIN' : 'ALLOWED' };
}

/** What is so whichever of some keys it is, or is wrong with each of them. */
function together(all: readonly Facts[]): Facts {
  const [{ key, verdict } = NOTHING] = all;
  return {
    key: isOneKey(all) ? key : null,
    reasons: eachCodeOnce(all.flatMap(({ reasons }) => reasons)),
    warnings: eachCodeOnce(all.flatMap(({ warnings }) => warnings)),
    verdict: all.every((facts) => facts.verdict === verdict) ? verdict : null,
  };
}

function isOneKey([first, ...others]: readonly Facts[]): boolean {
  return !!first?.key && others.every(({ key }) => key?.id === first?.key?.id && key?.arn === first?.key?.arn);
}

/** The first of each code: what is wrong counts once, however many alternatives have it. */
function eachCodeOnce<T extends Problem<TemplateReasonCode> | Facts['warnings'][number]>(problems: readonly T[]): T[] {
  return problems.filter(({ code }, index) => problems.findIndex((other) => other.code === code) === index);
}

/** Of an ARN, of which the rest may not be known. */
function regionIn(arn: string): string | undefined {
  return /^arn:(?:\$\{[^}]*\}|[^:$])*:kms:([a-z\d-]+):/.exec(shownText(arn))?.[1];
}

function shownKey({ id, arn }: DeclaredKey): TemplateFinding['key'] {
  return { id, arn: arn !== null && isKnown(arn) ? arn : null };
}
