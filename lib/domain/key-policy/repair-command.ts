import { parseArn } from '../arn.ts';
import type { RepairScope } from './repair-scope.ts';

const OPTION: Readonly<Record<RepairScope['type'], string>> = {
  'log-groups': '',
  'query-results': ' --query-results',
  'readers-and-writers': ' --readers-and-writers',
};

/**
 * The command that adds a statement to the policy of a key.
 * @param logGroup the only log group that it is for; null: all of the account
 */
export function repairCommand(keyArn: string, type: RepairScope['type'], logGroup: string | null = null): string {
  const only = logGroup === null ? '' : ` --log-group '${logGroup}'`;
  return `logseal key repair --key ${keyArn} --region ${parseArn(keyArn)?.region}${OPTION[type]}${only}`;
}
