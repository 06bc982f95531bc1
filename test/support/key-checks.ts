import { keyCheckSchema, parseDocument } from './documents.ts';
import { aWorld, type Desk } from './logseal.ts';

export const CHECK = 'key check --key alias/logseal';
/** What it reads. */
export const READS = ['sts:GetCallerIdentity', 'kms:DescribeKey', 'kms:GetKeyPolicy', 'iam:SimulatePrincipalPolicy'];
/** Every check, in its order. */
export const EVERY = [
  ...['FOUND', 'REGION', 'ENABLED', 'KEY_SPEC', 'KEY_USAGE'],
  ...['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'].map(
    (action) => `KEY_POLICY kms:${action}`,
  ),
  'GRANTS',
  'CALLER_RIGHTS kms:DescribeKey',
  ...['Encrypt', 'Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'GenerateDataKey'].map(
    (action) => `CALLER_RIGHTS kms:${action}`,
  ),
  'CALLER_RIGHTS logs:AssociateKmsKey',
];

/** A check and the action that it is about. */
export const nameOf = ({ check, action }: { check: string; action: string | null }) =>
  action ? `${check} ${action}` : check;

/** Checks on a desk, in JSON. @returns each check that does not pass, beside the whole document */
export async function checkOn(desk: Desk, words = CHECK, env: Record<string, string> = {}) {
  const { status, stdout, stderr } = await desk.run(`${words} --format json`, { env });
  const document = parseDocument(keyCheckSchema, stdout);
  const checks = document.targets.flatMap((target) => target.checks);
  const open = checks
    .filter(({ result }) => result !== 'PASS')
    .map((check) => `${nameOf(check)} ${check.result} ${check.code}`);
  return { status, stderr, document, checks, open };
}

/** A world with one key. */
export const aKey = (policy: object, more: object = {}) =>
  aWorld({ keys: { logseal: { alias: 'alias/logseal', policy: { ...policy }, ...more } } });
