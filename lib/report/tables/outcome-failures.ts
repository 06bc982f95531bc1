import type { Provider } from '../../domain/target.ts';
import type { CloudErrorCode } from '../../errors.ts';
import { fixForFailure } from '../fixes.ts';
import type { ReportOptions } from '../format.ts';

/** The failures with the same code and fix. */
interface FailureGroup {
  readonly code: string;
  readonly fix: string | undefined;
  /** The first different ones. */
  readonly messages: Set<string>;
  hasOthers: boolean;
  count: number;
}

/** Collects why log stores and key policies could not be changed. */
export interface FailureGroups {
  add(error: { readonly code: string; readonly message: string }, provider: Provider): void;
  all(): readonly Readonly<FailureGroup>[];
}

/** As many messages of one group as a person reads; the JSON document has them all. */
const MAX_MESSAGES = 3;

export function failureGroups(): FailureGroups {
  const groups = new Map<string, FailureGroup>();
  return {
    add({ code, message }, provider) {
      const fix = fixForFailure(code as CloudErrorCode, provider);
      const key = `${code}\n${fix}`;
      const group = groups.get(key) ?? { code, fix, messages: new Set(), hasOthers: false, count: 0 };
      groups.set(key, group);
      group.count++;
      if (group.messages.size < MAX_MESSAGES) group.messages.add(message);
      else group.hasOthers ||= !group.messages.has(message);
    },
    all: () => [...groups.values()],
  };
}

/** One fix a group, in whole lines; empty where nothing failed. */
export function failuresText(
  failures: FailureGroups,
  { paint: { bold, dim, red }, asTyped }: Pick<ReportOptions, 'paint' | 'asTyped'>,
): string {
  const lines = failures.all().map(({ code, fix, messages, hasOthers, count }) => {
    const others = hasOthers ? dim(' (and others like it)') : '';
    const how = fix ? `  ${bold('fix:')} ${asTyped(fix)}\n` : '';
    return `${red(code)} × ${count}\n  ${[...messages].join('\n  ')}${others}\n${how}`;
  });
  return lines.join('');
}
