import { wrongRegion } from '../key-region.ts';
import type { FixedEncryption, FoundLogStore, LogStore } from '../log-store.ts';
import type { Reason, ReasonCode, Refusal } from '../reasons.ts';
import type { Target } from '../target.ts';

/** What stands for a key where SLS encrypts with one of its own, which the owner of the logs does not control. */
export const SERVICE_KEY = 'service-key';

/** Names of projects and Logstores go unescaped into hosts and paths, so nothing else may pass (SLS API, CreateLogStore). */
const NAME = /^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$/;

/** @returns whether the text names a project or a Logstore */
export function isLogstoreName(text: unknown): boolean {
  return typeof text === 'string' && NAME.test(text);
}

/** The parts of `PROJECT/LOGSTORE`; undefined when one of them can be no name. */
export function parseLogstoreName(text: string): { readonly project: string; readonly logstore: string } | undefined {
  const [project = '', logstore = '', ...rest] = text.split('/');
  return rest.length === 0 && isLogstoreName(project) && isLogstoreName(logstore) ? { project, logstore } : undefined;
}

/** A Logstore as a log store: its name is `PROJECT/LOGSTORE`. */
export function logstoreOf({ account, region }: Target, project: string, logstore: string): LogStore {
  const arn = `acs:log:${region}:${account}:project/${project}/logstore/${logstore}`;
  return { provider: 'alibaba', account, region, type: 'logstore', name: `${project}/${logstore}`, arn };
}

/** Why the logs in a Logstore are not under a key of their owner; undefined: that hangs on its key alone. */
export function whyNotSealed({ store, keyArn, fixed }: FoundLogStore): Reason | undefined {
  if (store.type !== 'logstore') return undefined;
  if (keyArn === null) return fixed ? switchedOff(fixed) : NEVER_ON;
  const elsewhere = wrongRegion(keyArn, fixed?.region, store.region);
  // The key of a Logstore can never be changed.
  return (
    elsewhere && { ...elsewhere, fix: `create another Logstore with a key in ${store.region}, and send the logs there` }
  );
}

const NEVER_ON: Reason = {
  code: 'ENCRYPTION_OFF',
  message: 'its encryption was never configured',
  fix: 'logseal apply --provider alibaba --key CMK_ID --sls-role-arn ROLE_ARN: once, and for good',
};
function switchedOff({ keyArn }: FixedEncryption): Reason {
  const key = keyArn === SERVICE_KEY ? '--service-key' : `--key ${keyArn} --sls-role-arn ROLE_ARN`;
  return {
    code: 'ENCRYPTION_OFF',
    message: 'its encryption is configured, and switched off',
    fix: `switch it on: logseal apply --provider alibaba ${key}`,
  };
}

/** The key of SLS itself encrypts, and its owner is not the owner of the logs. */
export const UNDER_SERVICE_KEY: Reason = {
  code: 'SERVICE_KEY',
  message: 'it is encrypted with a key of SLS, which the owner of the logs does not control',
  fix: 'create another Logstore with a key of yours, and have the logs sent there: this one can never change. Or accept the service key: --service-key',
};

/** What a finding says that the encryption of a Logstore hangs on. */
interface StoreFacts {
  readonly region: string;
  readonly fixed?: FixedEncryption | undefined;
  readonly reasons: readonly Reason[];
}

const REVIVABLE: readonly ReasonCode[] = ['KEY_DISABLED', 'KEY_PENDING_DELETION', 'KEY_PENDING_IMPORT'];

/**
 * Type and key of a Logstore's encryption are fixed by the first configuration (SLS API, UpdateLogStoreEncryption).
 * @param keyArn what it is to be encrypted with
 */
export function whyIrreversible({ fixed, reasons, region }: StoreFacts, keyArn: string | null): Refusal | undefined {
  if (!fixed) return undefined;
  const isElsewhere = fixed.region !== null && fixed.region !== region;
  if (fixed.keyArn === keyArn && !isElsewhere) return undefined;
  const where = isElsewhere ? ` of ${fixed.region}` : '';
  const what = fixed.keyArn === SERVICE_KEY ? 'the service key' : `the key ${fixed.keyArn}${where}`;
  // A key that is dead may be brought back to life.
  const revival = reasons.find(({ code }) => REVIVABLE.includes(code));
  const another = 'create another Logstore with the key that you want, and have the logs sent there';
  return {
    code: 'IRREVERSIBLE',
    message: `it was configured with ${what}, and that can never be changed${revival ? `: ${revival.message}` : ''}`,
    fix: revival ? `${revival.fix}; or ${another}` : another,
  };
}
