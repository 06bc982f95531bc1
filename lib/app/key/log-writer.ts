import { fixForDenied } from '../../domain/caller-rights.ts';
import type { KeyInspection } from '../../domain/key.ts';
import type { LogStore } from '../../domain/log-store.ts';
import { type LogWriter, WRITER_ACTIONS, writerRights } from '../../domain/writer-rights.ts';
import { CloudError } from '../../errors.ts';
import type { Cloud, LambdaFunction } from '../ports.ts';

type Asked = Pick<Cloud, 'lambdaFunction' | 'identityPolicies'>;

/**
 * Finds out who writes to a log group, and whether that role may use the key through CloudWatch Logs. Only functions of
 * AWS Lambda are known, by the name of their log group. What cannot be read is part of the result; nothing is thrown.
 */
export async function logWriter(
  key: KeyInspection & { readonly keyArn: string },
  store: LogStore,
  cloud: Asked,
): Promise<LogWriter> {
  const { keyArn } = key;
  const found = await functionOf(store, cloud);
  if ('status' in found) return found;
  const { arn: functionArn, roleArn } = found;
  const needsOf = (actions: readonly string[]) => actions.map((action) => ({ action, resource: keyArn }));
  const withContext = needsOf(WRITER_ACTIONS.withEncryptionContext);
  const without = needsOf(WRITER_ACTIONS.without);
  // One after the other: where IAM cannot be asked, the second answer is that of the first.
  const first = await cloud.identityPolicies(withContext, { arn: roleArn, logGroupArn: store.arn });
  const second = first.decisions && (await cloud.identityPolicies(without, { arn: roleArn, logGroupArn: null }));
  const decisions = first.decisions && second?.decisions ? [...first.decisions, ...second.decisions] : null;
  const because = first.because ?? second?.because ?? null;
  const { rights, fix } = writerRights(key, store, roleArn, [...withContext, ...without], {
    decisions,
    because,
  });
  return { status: 'FOUND', functionArn, roleArn, rights, fix };
}

const ONLY_FUNCTIONS = 'only functions of AWS Lambda are known by the name of their log group';

async function functionOf(
  { name: logGroup, region }: LogStore,
  { lambdaFunction }: Asked,
): Promise<LambdaFunction | Extract<LogWriter, { readonly status: 'NOT_KNOWN' }>> {
  const notKnown = (why: string, fix: string | null = null) => {
    const message = `${why}, so logseal does not know who writes to ${logGroup}`;
    return { status: 'NOT_KNOWN', message, fix } as const;
  };
  const [, name] = /^\/aws\/lambda\/([\w-]+)$/.exec(logGroup) ?? [];
  if (name === undefined || !lambdaFunction) return notKnown(ONLY_FUNCTIONS);
  try {
    const found = await lambdaFunction(name);
    if (found.logGroup === logGroup) return found;
    return notKnown(`the function ${name} writes to ${found.logGroup}`);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    const { code, call, message, missingRight } = error;
    if (code === 'NOT_FOUND') return notKnown(`there is no function ${name} in ${region}`);
    const fix = code === 'ACCESS_DENIED' ? fixForDenied(call, missingRight) : null;
    return notKnown(`${call} failed (${message})`, fix);
  }
}
