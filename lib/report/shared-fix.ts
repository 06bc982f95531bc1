import { formatArn, parseArn } from '../domain/arn.ts';
import { toIdentity, toIdentityFor } from '../domain/caller-rights.ts';
import { OWN_PART, type Problem, type ProblemCode } from '../domain/reasons.ts';

type Fix = Pick<Problem<ProblemCode>, 'fix' | 'missingRight' | typeof OWN_PART>;

/** As many as a person reads in one statement. */
const MAX_LISTED = 10;

const STATEMENT = '\u0000statement\u0000';
const RESOURCE = '\u0000resource\u0000';

/**
 * What is the same in all fixes that differ in the resource of the missing right, or in the part of their own: equal texts can
 * be one fix. Of their own parts, the first one serves for all.
 */
export function templateOf(fix: Fix): string {
  const template = withoutResource(fix);
  const own = fix[OWN_PART];
  return own === undefined ? template : template.replaceAll(own, '');
}

function withoutResource({ fix, missingRight }: Fix): string {
  if (!missingRight) return fix;
  return fix.replaceAll(toIdentity(missingRight), STATEMENT).replaceAll(missingRight.resource, RESOURCE);
}

/** One fix for all that have the same template. */
export interface SharedFix {
  add(fix: Fix): void;
  text(): string;
}

/** Keeps the resources as long as they are few, and then patterns that cover them, so that memory stays bounded. */
export function sharedFix(first: Fix): SharedFix {
  const template = withoutResource(first);
  const { action = '' } = first.missingRight ?? {};
  let resources = new Set(first.missingRight ? [first.missingRight.resource] : []);
  let isLong = false;
  return {
    add({ missingRight }) {
      if (!missingRight) return;
      resources.add(isLong ? patternOf(missingRight.resource) : missingRight.resource);
      if (isLong || resources.size <= MAX_LISTED) return;
      isLong = true;
      resources = new Set([...resources].map(patternOf));
    },
    text() {
      const all = [...resources];
      const why = isLong ? ` (a wildcard, since there are more than ${MAX_LISTED}: --format json has each)` : '';
      const hasStatement = template.includes(STATEMENT);
      const named = all.length === 1 || !hasStatement ? all.join(', ') : 'each resource named below';
      return template
        .replaceAll(STATEMENT, `${toIdentityFor([action], all)}${why}`)
        .replaceAll(RESOURCE, hasStatement ? named : `${named}${why}`);
    },
  };
}

/** All resources of the same kind in the same place: keys or log groups of one account and Region. */
function patternOf(resource: string): string {
  const arn = parseArn(resource);
  const [, kind] = /^([\w-]+[/:])./.exec(arn?.resource ?? '') ?? [];
  return arn && kind ? formatArn({ ...arn, resource: `${kind}*` }) : resource;
}
