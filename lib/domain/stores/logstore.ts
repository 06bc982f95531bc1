import { wrongRegion } from '../key-region.ts';
import type { FixedEncryption, FoundLogStore, LogStore } from '../log-store.ts';
import { isPermanent, isRevivable, problem, type Reason, type Refusal } from '../reasons.ts';
import type { Target } from '../target.ts';
import type { LogStoreKind } from './kind.ts';

/** Stands for a key where SLS encrypts with one of its own, which the owner of the logs does not control. */
export const SERVICE_KEY = 'service-key';

/**
 * A Logstore of Alibaba Cloud's SLS. Type and key of its encryption are fixed by the first configuration, and only
 * switched on and off after that (SLS API, `UpdateLogStoreEncryption`).
 */
export const LOGSTORE: LogStoreKind = {
  type: 'logstore',
  provider: 'alibaba',
  noun: 'Logstore',
  serviceName: 'SLS',
  readingRights: 'log:GetLogStore',
  isReadTogether: false,
  // Read to evaluate it, right before its change, and after.
  sealing: { each: { 'log:GetLogStore': 3, 'log:UpdateLogStoreEncryption': 1 }, together: null, perSecond: null },
  configuresForGood: true,
  unsealedNote:
    'A Logstore that is unsealed stores new logs in the clear. What was encrypted stays encrypted, and the type and the\n' +
    'key of its encryption stay configured for good.\n',
  neverConfigured: problem(
    'STORE_CHANGED',
    'the Logstore was created anew: its encryption would be configured for the first time, and for good',
    'logseal apply --provider alibaba, which asks for that',
  ),
  exemptions: [],
  refusedFix:
    'check that the caller has log:UpdateLogStoreEncryption on the Logstore and ram:PassRole on the role, and that the role lets SLS use the key',
  nameMistake: (name) =>
    parseLogstoreName(name) ? undefined : `expected PROJECT/LOGSTORE, got ${JSON.stringify(name)}`,
  anyName: null,
  arnOf: (_partition, target, name) => logstoreArn(target, name),
  whyNotSealed,
  fixedKey,
  whyUnchangeable: whyIrreversible,
  policySubject: () => null,
};

/** Names of projects and Logstores go unescaped into hosts and paths, so nothing else may pass (SLS API, `CreateLogStore`). */
const NAME = /^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$/;

/** Whether a text can name a project or a Logstore. */
export function isLogstoreName(text: unknown): boolean {
  return typeof text === 'string' && NAME.test(text);
}

/** The parts of `PROJECT/LOGSTORE`; undefined when one of them cannot be a name. */
export function parseLogstoreName(text: string): { readonly project: string; readonly logstore: string } | undefined {
  const [project = '', logstore = '', ...rest] = text.split('/');
  return rest.length === 0 && isLogstoreName(project) && isLogstoreName(logstore) ? { project, logstore } : undefined;
}

function logstoreArn({ account, region }: Target, name: string): string {
  const [project, logstore] = name.split('/');
  return `acs:log:${region}:${account}:project/${project}/logstore/${logstore}`;
}

function whyNotSealed({ store, keyArn, fixed }: FoundLogStore): Reason | undefined {
  if (keyArn === null) return fixed ? switchedOff(fixed) : NEVER_ON;
  const elsewhere = wrongRegion(keyArn, fixed?.region, store.region);
  // The key of a Logstore can never be changed.
  return (
    elsewhere && { ...elsewhere, fix: `create another Logstore with a key in ${store.region}, and send the logs there` }
  );
}

const NEVER_ON: Reason = problem(
  'ENCRYPTION_OFF',
  'its encryption was never configured',
  'logseal apply --provider alibaba --region REGION --key CMK_ID --sls-role-arn ROLE_ARN: once, and for good',
);

function switchedOff({ keyArn }: FixedEncryption): Reason {
  const key = keyArn === SERVICE_KEY ? '--service-key' : `--key ${keyArn} --sls-role-arn ROLE_ARN`;
  return problem(
    'ENCRYPTION_OFF',
    'its encryption is configured, and switched off',
    `switch it on: logseal apply --provider alibaba ${key}`,
  );
}

/** Why a Logstore under a key of SLS itself is flagged unless `--service-key` accepts that. */
export const UNDER_SERVICE_KEY: Reason = problem(
  'SERVICE_KEY',
  'it is encrypted with a key of SLS, which the owner of the logs does not control',
  'create another Logstore with a key of yours and send the logs there, since this one can never change; or accept the service key: --service-key',
);

function fixedKey({ store, keyArn, fixed }: FoundLogStore): string | null {
  if (keyArn !== null || !fixed || fixed.keyArn === SERVICE_KEY || isOfAnotherRegion(fixed, store)) return null;
  return fixed.keyArn;
}

function isOfAnotherRegion({ region }: FixedEncryption, store: LogStore): boolean {
  return region !== null && region !== store.region;
}

const ANOTHER_LOGSTORE = 'create another Logstore with the key that you want, and send the logs there';

function whyIrreversible(
  { store, fixed }: FoundLogStore,
  toKeyArn: string | null,
  reasons: readonly Reason[],
): Refusal | undefined {
  if (!fixed) return undefined;
  const isElsewhere = isOfAnotherRegion(fixed, store);
  if (fixed.keyArn === toKeyArn && !isElsewhere) return undefined;
  const where = isElsewhere ? ` of ${fixed.region}` : '';
  const isOwn = fixed.keyArn !== SERVICE_KEY;
  const what = isOwn ? `the key ${fixed.keyArn}${where}` : 'the service key';
  // To enable an asymmetric key does not make it usable.
  const trouble = isOwn && !isElsewhere ? (reasons.find(({ code }) => isPermanent(code)) ?? reasons[0]) : undefined;
  return problem(
    'IRREVERSIBLE',
    `it was configured with ${what}, and that can never be changed${trouble ? `: ${trouble.message}` : ''}`,
    trouble && isRevivable(trouble.code) ? `${trouble.fix}; or ${ANOTHER_LOGSTORE}` : ANOTHER_LOGSTORE,
  );
}
