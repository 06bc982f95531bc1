import { OWN_PART, problem } from '../reasons.ts';
import { type Facts, inSource, NOTHING, undetermined } from './facts.ts';
import type { DeclaredCreator, TemplateLanguage } from './model.ts';
import type { Suggest } from './suggest.ts';
import { shownText } from './unknown.ts';

/** A log group that CloudWatch Logs would create, at the resource that stands for all that make it do so. */
export interface ImplicitGroup {
  readonly creator: DeclaredCreator;
  readonly others: number;
}

/** One for each log group, at the first resource that is there whenever another one is. */
export function groupsCreatedBy(creators: readonly DeclaredCreator[]): ImplicitGroup[] {
  return [...Map.groupBy(creators, ({ name }) => name).values()].flatMap((all) => {
    const certain = all.filter(({ unless }) => !unless);
    const some = certain.length > 0 ? certain : all;
    const creator = some.find(({ condition }) => condition === undefined) ?? withoutCondition(some);
    return creator ? { creator, others: some.length - 1 } : [];
  });
}

/** The first one, for all. Under no condition of its own, where others have another, and so with a name that refers to none of them. */
function withoutCondition([first, ...others]: readonly DeclaredCreator[]): DeclaredCreator | undefined {
  if (!first || others.every(({ condition }) => condition === first.condition)) return first;
  const { condition: _condition, writtenName: _writtenName, ...always } = first;
  return always;
}

/** What is found out of a log group that CloudWatch Logs would create. */
export function implicitFacts({ creator, others }: ImplicitGroup, suggest: Suggest, language: TemplateLanguage): Facts {
  const resources = others === 1 ? 'another resource' : `${others} other resources`;
  const make = others === 0 ? `${creator.what} makes` : `${creator.what} and ${resources} make`;
  const creates = `${make} CloudWatch Logs create the log group ${shownText(creator.name)}, without a key`;
  return { ...NOTHING, reasons: [inSource(creator, implicitReason(creator, creates, suggest, language), language)] };
}

function implicitReason(creator: DeclaredCreator, creates: string, suggest: Suggest, language: TemplateLanguage) {
  if (creator.unless) return undetermined(`whether ${creates},`, creator.unless);
  const { key, before, after } = suggest(creator, creator.name);
  const message = `${creates}: these files do not declare it`;
  const resource = language.logGroup(creator, key);
  if (resource !== null) {
    return {
      ...problem('IMPLICIT_LOG_GROUP', message, `${before}declare the log group${after}:\n${resource}`),
      [OWN_PART]: resource,
    };
  }
  const fix = `${before}declare a log group of this name, and ${language.attachKey(key, creator)}${after}`;
  return problem('IMPLICIT_LOG_GROUP', message, fix);
}
