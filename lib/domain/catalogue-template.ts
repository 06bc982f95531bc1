import type { CatalogueEntry } from './catalogue-entry.ts';

/** The part of the catalogue that is about log groups in templates, before anything is deployed. */
export const TEMPLATE_CATALOGUE = {
  IMPLICIT_LOG_GROUP: {
    use: 'TEMPLATE',
    title: 'CloudWatch Logs creates the log group without a key',
    severity: 'MEDIUM',
    impact: 'The logs are encrypted with a key that AWS owns: you can neither audit nor revoke its use.',
    changedBy: 'PERSON',
  },
  KEY_UNDETERMINED: {
    use: 'TEMPLATE',
    title: 'Whether the log group gets a key is not known before the deployment',
    severity: 'MEDIUM',
    impact: 'Whether the logs are under a key of yours is not known.',
    changedBy: 'PERSON',
  },
  KEY_NOT_AN_ARN: {
    use: 'TEMPLATE',
    title: 'The log group names its key by something else than an ARN',
    severity: 'HIGH',
    impact: 'AWS refuses to create the log group, so the deployment fails.',
    changedBy: 'PERSON',
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
