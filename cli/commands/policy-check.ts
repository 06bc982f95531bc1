import { relative, sep } from 'node:path';
import { logGroupArnMistake } from '../../lib/config/log-group-arn.ts';
import { logsPrincipalMistakes, readLogsPrincipal } from '../../lib/config/logs-principal.ts';
import { orgIdMistake } from '../../lib/config/org-id.ts';
import { parseArn } from '../../lib/domain/arn.ts';
import { documentProblems } from '../../lib/domain/key-policy/document.ts';
import { evaluateKeyPolicy } from '../../lib/domain/key-policy/evaluate.ts';
import { type ReadPolicy, readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { type LogsService, logsService, type PolicySubject } from '../../lib/domain/key-policy/service-call.ts';
import { accountMistake, keyArnMistake } from '../../lib/domain/providers/aws.ts';
import { withoutStreamWildcard } from '../../lib/domain/stores/log-group.ts';
import { queryResultsArn } from '../../lib/domain/stores/query-results.ts';
import { UsageError } from '../../lib/errors.ts';
import type { CheckedPolicy, LogGroupVerdict } from '../../lib/report/documents.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { EXIT, type ExitStatus } from '../exit.ts';
import { type Host, pathFromUser } from '../host.ts';
import { decodeText, unwrapPolicy } from '../policy-input.ts';
import { readInput } from '../read-input.ts';
import { openReport, outputOptions, withOutputs } from '../report.ts';

/** KMS accepts 32 KiB, and a policy may be wrapped and indented. */
const MAX_POLICY_MIB = 1;

/** `logseal policy check`: does this key policy let CloudWatch Logs use this key? No network, no SDK. */
export async function policyCheck(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      policy: { kind: 'value' },
      'key-arn': { kind: 'value', check: keyArnMistake },
      'log-group-arn': { kind: 'list', check: logGroupArnMistake },
      'query-results': { kind: 'value', check: accountMistake },
      'org-id': { kind: 'value', check: orgIdMistake },
      ...outputOptions('policy-verdict'),
    },
    host,
  );
  const path = required(args, 'policy', 'a file, or - for standard input');
  const keyArn = required(args, 'key-arn', 'the ARN of the key');
  const subjects = subjectsOf(args);
  args.mistakes.push(...logsPrincipalMistakes(host.environment));
  const input = { option: 'policy', maxMib: MAX_POLICY_MIB, standardInput: host.input };
  const bytes = path === undefined ? undefined : await readInput({ ...input, path }, host, args.mistakes);
  if (args.mistakes.length > 0 || bytes === undefined || keyArn === undefined || path === undefined)
    throw new UsageError(args.allMistakes());

  const service = logsService(keyArn, {
    now: host.now(),
    orgId: args.value('org-id'),
    logsPrincipal: readLogsPrincipal(host.environment),
  });
  const text = decodeText(bytes);
  const policy = await policyIn(bytes, text, service);
  const problems = documentProblems(policy);
  const answers = subjects.map((subject) => ({
    subject,
    verdict: { ...evaluateKeyPolicy(policy, subject), problems },
  }));
  await withOutputs('policy-verdict', args, host, async (outputs) => {
    const [first] = answers;
    const subject = first ? subjectArn(first.subject, keyArn) : '';
    const more = { policy: { file: path === '-' ? null : fileName(path, host), text: text ?? '', subject } };
    // Not by the number of log groups, so that a script which gives the option twice always gets the same document.
    if (first && args.times('log-group-arn') <= 1) {
      const report = await openReport('policy-verdict', outputs, args, host, more);
      await report.end(first.verdict);
    } else {
      const report = await openReport('policy-verdicts', outputs, args, host, more);
      await report.page(answers.flatMap(withLogGroup));
      await report.end({});
    }
  });
  const isSound = problems.length === 0 && answers.every(({ verdict }) => verdict.verdict === 'ALLOWED');
  return isSound ? EXIT.OK : EXIT.NOT_COMPLIANT;
}

interface Answer {
  readonly subject: PolicySubject;
  readonly verdict: CheckedPolicy;
}

function withLogGroup({ subject, verdict }: Answer): LogGroupVerdict[] {
  return subject.type === 'log-group' ? [{ logGroupArn: subject.arn, ...verdict }] : [];
}

/** The path as code scanning needs it: relative to where the command was typed, with slashes. */
function fileName(path: string, host: Host): string {
  return relative(host.directory, pathFromUser(path, host)).replaceAll(sep, '/');
}

/** What a verdict is about. */
function subjectArn(subject: PolicySubject, keyArn: string): string {
  if (subject.type === 'log-group') return subject.arn;
  const { partition = '', region = '' } = parseArn(keyArn) ?? {};
  return queryResultsArn(partition, { provider: 'aws', region, account: subject.account });
}

function required(args: Arguments, name: string, what: string): string | undefined {
  const value = args.value(name);
  if (value === undefined) args.mistakes.push(`--${name}: expected ${what}, got none`);
  return value;
}

/** What is checked: the query results, or each log group once. */
function subjectsOf(args: Arguments): PolicySubject[] {
  const arns = new Set(args.list('log-group-arn').map(withoutStreamWildcard));
  const account = args.value('query-results');
  const isLogGroup = args.value('log-group-arn') !== undefined;
  if (isLogGroup === (account !== undefined)) {
    args.mistakes.push(`expected either --log-group-arn or --query-results, got ${isLogGroup ? 'both' : 'neither'}`);
  }
  return account === undefined
    ? [...arns].map((arn) => ({ type: 'log-group', arn }))
    : [{ type: 'query-results', account }];
}

async function policyIn(bytes: Uint8Array, text: string | undefined, service: LogsService): Promise<ReadPolicy> {
  const policy = text === undefined ? undefined : readKeyPolicy(unwrapPolicy(text), service);
  if (policy?.status === 'READ') return policy;
  const { explainBytes, explainMalformed } = await import('../not-a-policy.ts');
  return policy
    ? { ...policy, mistakes: explainMalformed(policy.text, policy.mistakes) }
    : { status: 'MALFORMED', text: '', service, mistakes: [explainBytes(bytes)] };
}
