import type { CatalogueEntry } from './catalogue-entry.ts';

/** The part of the catalogue that is about one key policy: what its verdict depends on, and why KMS would not accept it. */
export const KEY_POLICY_CATALOGUE = {
  MALFORMED_POLICY: {
    use: 'VERDICT',
    title: 'AWS would refuse the key policy',
    severity: 'HIGH',
    impact: 'The policy cannot be attached to the key.',
    changedBy: 'PERSON',
  },
  UNDOCUMENTED_RULE: {
    use: 'VERDICT',
    title: 'The verdict depends on behavior that AWS does not document',
    severity: 'MEDIUM',
    impact: 'Logs may be neither written nor read.',
    changedBy: 'PERSON',
  },
  GLOBAL_SERVICE_PRINCIPAL: {
    use: 'VERDICT',
    title: 'The key policy names the global service principal',
    severity: 'LOW',
    impact: 'It works, but AWS documents the name with the Region.',
    changedBy: 'PERSON',
  },
  SOURCE_CONDITION: {
    use: 'VERDICT',
    title: 'The key policy has a condition on the source of the call',
    severity: 'LOW',
    impact: 'It works for log groups, but AWS documents it for query results only.',
    changedBy: 'PERSON',
  },
  ADVISORY_ACTIONS_NOT_ALLOWED: {
    use: 'VERDICT',
    title: "The key policy does not allow every action of AWS's example",
    severity: 'LOW',
    impact: 'Logs are encrypted and read without these actions.',
    changedBy: 'PERSON',
  },
  ORGANIZATION_CONDITION: {
    use: 'VERDICT',
    title: 'The key policy has a condition on the organization of the logs',
    severity: 'LOW',
    impact: 'It holds for the organization that you named, but AWS does not document these keys for CloudWatch Logs.',
    changedBy: 'PERSON',
  },
  PRINCIPAL_OPT_IN_REGION: {
    use: 'VERDICT',
    title: 'The key policy names a service principal of a Region that must be enabled first',
    severity: 'MEDIUM',
    impact: 'KMS refuses the policy while the account has not enabled that Region.',
    changedBy: 'PERSON',
  },
  TOO_LARGE: notAccepted('The key policy is too large'),
  CHARACTERS: notAccepted('The key policy has characters that KMS does not accept'),
  PRINCIPAL_PATTERN: notAccepted('A principal in the key policy has a wildcard'),
  PRINCIPAL_ORPHAN: notAccepted('The key policy names a role or user that was deleted'),
  PRINCIPAL_INVALID: notAccepted('The key policy names a principal that cannot exist'),
  SERVICE_NAME: notAccepted('The key policy names a service that cannot exist'),
  LOCKS_OUT: notAccepted('Nobody could change the key policy again'),
} as const satisfies Readonly<Record<string, CatalogueEntry>>;

function notAccepted(title: string) {
  return {
    use: 'DOCUMENT',
    title,
    severity: 'HIGH',
    impact: 'KMS does not accept the policy.',
    changedBy: 'PERSON',
  } as const;
}
