import { addKnown } from '../../domain/exemption-matches.ts';
import { whyUnattachable } from '../../domain/key-use.ts';
import { targetOf } from '../../domain/target.ts';
import type { Counted } from '../ports.ts';
import type { ScannedPart } from './scan-run.ts';

/** What one part of a run counted. */
export async function countedIn(part: ScannedPart): Promise<Counted> {
  const { summary, matches, config } = part;
  return {
    critical: summary.bySeverity.CRITICAL ?? 0,
    keyUnusable: part.sealingKeys && (await isUnusable(part.sealingKeys, part)),
    matches,
    config,
  };
}

/** What two parts of a run counted together. */
export function added(one: Counted, other: Counted): Counted {
  return {
    critical: one.critical + other.critical,
    keyUnusable: either(one.keyUnusable, other.keyUnusable),
    matches: addKnown(one.matches, other.matches),
    config: one.config === 'UNREADABLE' ? one.config : other.config,
    hasStartedAgain: one.hasStartedAgain ?? false,
  };
}

/**
 * Whether one of some keys can be attached to no log store of a target, be it only because it may not be read; null: it could not be
 * read this time.
 */
async function isUnusable(names: Iterable<string>, { report, keys }: ScannedPart): Promise<boolean | null> {
  const answers = [...names].map(async (name): Promise<boolean | null> => {
    const inspection = await keys?.configured(name);
    if (!inspection || inspection.transientError) return null;
    return whyUnattachable(inspection, targetOf(report)).length > 0;
  });
  return (await Promise.all(answers)).reduce(either, false);
}

/** Whether at least one holds; null: not known. */
function either(one: boolean | null, other: boolean | null): boolean | null {
  if (one || other) return true;
  return one === null || other === null ? null : false;
}
