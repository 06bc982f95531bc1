import type { Exemption } from '../exemption.ts';
import { builtInExemption } from '../finding.ts';
import type { LogStore } from '../log-store.ts';
import { partitionOfRegion } from '../partition.ts';
import { type TemplateReasonCode, worstSeverity } from '../reasons.ts';
import { exemptionOf, type Rules } from '../rules.ts';
import { logGroupArn } from '../stores/log-group.ts';
import type { Facts } from './facts.ts';
import type { TemplateFinding } from './finding.ts';
import type { Declarations, Declared } from './model.ts';
import { isKnown } from './unknown.ts';

/** Makes findings of what was found out, with the exemption that covers each. */
export function finisher({ region, account }: Declarations, rules: Rules) {
  const place = { provider: 'aws', account: account ?? '', region: region ?? '' } as const;
  const partition = partitionOfRegion(place.region)?.name ?? 'aws';
  return ({ file, line, id }: Declared, text: string | null, facts: Facts): TemplateFinding => {
    const name = text !== null && text !== '' && isKnown(text) ? text : null;
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
export function statusOf({ reasons }: Facts, exemption: Exemption | null): TemplateFinding['status'] {
  if (reasons.length === 0) return 'COMPLIANT';
  if (exemption) return 'EXEMPT';
  return reasons.every(({ code }) => UNKNOWN_CODES.includes(code)) ? 'UNKNOWN' : 'NON_COMPLIANT';
}

const UNKNOWN_CODES: readonly TemplateReasonCode[] = ['KEY_UNDETERMINED', 'KEY_POLICY_UNCERTAIN'];
