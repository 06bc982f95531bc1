import type { LogStore } from '../domain/log-store.ts';

/** A rule of AWS Config that asks for nearly what logseal asks for. */
export const CONFIG_RULE = {
  name: 'cloudwatch-log-group-encrypted',
  url: 'https://docs.aws.amazon.com/config/latest/developerguide/cloudwatch-log-group-encrypted.html',
  /** What the rule evaluates, as AWS Config and CloudFormation name it. */
  resourceType: 'AWS::Logs::LogGroup',
} as const;

/** A framework of rules, and its controls for which AWS's conformance pack has the rule. */
export interface Framework {
  readonly name: string;
  readonly controls: readonly string[];
  /** The page of AWS Config's guide whose table has the rule beside each of these controls. */
  readonly source: string;
}

/**
 * The frameworks that cite the rule, as AWS's conformance packs map them (AWS Config Developer Guide, as of November 2026). Only
 * what such a page says is here: the packs for NIST SP 800-53 Rev. 5, for HIPAA and for PCI DSS 4.0 do not have the rule. AWS
 * calls each table a sample: that a log store is compliant does not make anybody compliant with a framework.
 */
export const FRAMEWORKS: readonly Framework[] = [
  { name: 'NIST SP 800-53 Rev. 4', controls: ['SC-13', 'SC-28'], source: packPage('nist-800-53_rev_4') },
  { name: 'NIST SP 800-171', controls: ['3.13.16'], source: packPage('nist_800-171') },
  { name: 'FedRAMP Moderate', controls: ['SC-28'], source: packPage('fedramp-moderate') },
  { name: 'PCI DSS 3.2.1', controls: ['3.4'], source: packPage('pci-dss') },
];

function packPage(name: string): string {
  return `https://docs.aws.amazon.com/config/latest/developerguide/operational-best-practices-for-${name}.html`;
}

/** The rule and the frameworks that a log store falls under; null: AWS Config has no rule for its kind. */
export function controlsOf({
  type,
}: Pick<LogStore, 'type'>): { readonly rule: typeof CONFIG_RULE; readonly frameworks: readonly Framework[] } | null {
  return type === 'log-group' ? { rule: CONFIG_RULE, frameworks: FRAMEWORKS } : null;
}

/** Each control of some frameworks with the name of its framework: `PCI DSS 3.2.1 3.4`. */
export function requirementsOf(frameworks: readonly Framework[]): string[] {
  return frameworks.flatMap(({ name, controls }) => controls.map((control) => `${name} ${control}`));
}
