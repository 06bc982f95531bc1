import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DisassociateKmsKeyCommand,
  paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import { startSandbox } from '../../sandbox/sandbox.ts';
import { newKey } from '../../sandbox/state.ts';
import type { Fault, World } from '../../sandbox/world.ts';
import { aWorld, ROOT } from '../support/logseal.ts';
import type { Parameters } from './deployment.ts';
import { ACCOUNT, REGION } from './place.ts';
import { startRecorder } from './recorder.ts';
import { knownSessions } from './sessions.ts';

/** The key that the sandbox's world calls `logseal`. */
export const KEY_ARN = newKey(ACCOUNT, REGION, 'logseal', { KeyState: 'Enabled', policyText: '' }).Arn;

/**
 * CloudWatch Logs and KMS for the deployed functions, which have their roles from template.yaml there, and in other accounts the
 * role that they entered by. Records every call that they make.
 */
export async function startCloud(parameters: Parameters, contents: World) {
  const sandbox = await startSandbox({
    account: ACCOUNT,
    world: aWorld({ region: REGION, quotas: 'aws', ...contents }),
    stack: { template: join(ROOT, 'template.yaml'), parameters, run: false },
  });
  const sessions = knownSessions(sandbox.cloud);
  const recorder = await startRecorder(sandbox.url, sessions.introduce);
  const inAccount = (accessKeyId: string) =>
    new CloudWatchLogsClient({
      ...{ endpoint: sandbox.url, region: REGION },
      credentials: { accessKeyId, secretAccessKey: 'sandbox' },
    });
  return {
    url: recorder.url,
    recorder,
    sessions,
    /** Every right that a function needed and that its role does not have. */
    async refusedRights(): Promise<string[]> {
      const inMembers = (await sessions.roles()).map(({ arn, used }) => [arn, [...used.values()]] as const);
      return [...Object.entries(sandbox.rightsUsed()), ...inMembers].flatMap(([id, rights]) =>
        rights.filter(({ allowed }) => !allowed).map(({ action, resource }) => `${id}: ${action} on ${resource}`),
      );
    },
    /** Replaces what goes wrong with the calls to CloudWatch Logs and KMS. */
    setFaults: (faults: readonly Fault[]) => sandbox.setFaults(faults),
    createLogGroup: (logGroupName: string, account = ACCOUNT) =>
      inAccount(account).send(new CreateLogGroupCommand({ logGroupName })),
    /** Detaches a key as somebody else. */
    removeKey: (logGroupName: string) => inAccount(ACCOUNT).send(new DisassociateKmsKeyCommand({ logGroupName })),
    /** The key of each log group of an account, by name. */
    async keys(account = ACCOUNT): Promise<Record<string, string | undefined>> {
      const keys: Record<string, string | undefined> = {};
      for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: inAccount(account) }, {})) {
        for (const { logGroupName = '', kmsKeyId } of logGroups) keys[logGroupName] = kmsKeyId;
      }
      return keys;
    },
    async close(): Promise<void> {
      await recorder.close();
      await sandbox.close();
    },
  };
}

export type DeployedCloud = Awaited<ReturnType<typeof startCloud>>;
