import { parseArn } from '../arn.ts';
import type { RepairScope } from './repair-scope.ts';

const OPTION: Readonly<Record<RepairScope['type'], string>> = {
  'log-groups': '',
  'query-results': ' --query-results',
  'readers-and-writers': ' --readers-and-writers',
  organization: ' --readers-and-writers',
};

/**
 * The command that adds a statement to the policy of a key.
 * @param names the accounts that it is for, or the organization; default: the account of the key
 * @param logGroup the only log group that it is for; null: all of the account
 */
export function repairCommand(
  keyArn: string,
  type: RepairScope['type'],
  names: readonly string[] = [],
  logGroup: string | null = null,
): string {
  const { region, account = '' } = parseArn(keyArn) ?? {};
  const isDefault = names.every((name) => name === account);
  const named = type === 'organization' ? 'org-id' : 'account';
  const whose = isDefault ? '' : names.map((name) => ` --${named} ${name}`).join('');
  const only = logGroup === null ? '' : ` --log-group '${logGroup}'`;
  return `logseal key repair --key ${keyArn} --region ${region}${OPTION[type]}${whose}${only}`;
}
