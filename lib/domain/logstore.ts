import type { LogStore, Target } from './log-store.ts';

/** What stands for a key where SLS encrypts with one of its own, which the owner of the logs does not control. */
export const SERVICE_KEY = 'service-key';

/** Names of projects and Logstores go unescaped into hosts and paths, so nothing else may pass (SLS API, CreateLogStore). */
const NAME = /^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$/;

/** @returns whether the text names a project or a Logstore */
export function isLogstoreName(text: string): boolean {
  return NAME.test(text);
}

/** A Logstore as a log store: its name is `PROJECT/LOGSTORE`. */
export function logstoreOf({ account, region }: Target, project: string, logstore: string): LogStore {
  const arn = `acs:log:${region}:${account}:project/${project}/logstore/${logstore}`;
  return { provider: 'alibaba', account, region, type: 'logstore', name: `${project}/${logstore}`, arn };
}
