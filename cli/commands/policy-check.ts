import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { logGroupArnMistake } from '../../lib/config/log-group-arn.ts';
import { orgIdMistake } from '../../lib/config/org-id.ts';
import { policyProblems } from '../../lib/domain/key-policy/document.ts';
import { evaluateKeyPolicy } from '../../lib/domain/key-policy/evaluate.ts';
import { readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { logsService, type PolicySubject, PRINCIPAL_VARIABLE } from '../../lib/domain/key-policy/service-call.ts';
import { accountMistake, keyArnMistake } from '../../lib/domain/providers/aws.ts';
import { withoutStreamWildcard } from '../../lib/domain/stores/log-group.ts';
import { UsageError } from '../../lib/errors.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { unlessInterrupted } from '../connect.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import { type Host, pathFromUser } from '../host.ts';
import { withOutput } from '../output.ts';
import { openReport, outputOptions } from '../report.ts';

/** `logseal policy check`: does this key policy let CloudWatch Logs use this key? No network, no SDK. */
export async function policyCheck(words: readonly string[], host: Host): Promise<ExitStatus> {
  const args = readArguments(
    words,
    {
      policy: { kind: 'value' },
      'key-arn': { kind: 'value', check: keyArnMistake },
      'log-group-arn': { kind: 'value', check: logGroupArnMistake },
      'query-results': { kind: 'value', check: accountMistake },
      'org-id': { kind: 'value', check: orgIdMistake },
      ...outputOptions('policy-verdict'),
    },
    host,
  );
  const path = required(args, 'policy', 'a file, or - for standard input');
  const keyArn = required(args, 'key-arn', 'the ARN of the key');
  const subject = subjectOf(args);
  const policyText = path === undefined ? undefined : await readPolicy(args, path, host);
  if (args.mistakes.length > 0 || policyText === undefined || keyArn === undefined || !subject) {
    throw new UsageError(args.mistakes);
  }

  const policy = readKeyPolicy(
    policyText,
    logsService(keyArn, {
      now: new Date(),
      orgId: args.value('org-id'),
      logsPrincipal: host.environment[PRINCIPAL_VARIABLE],
    }),
  );
  const verdict = { ...evaluateKeyPolicy(policy, subject), problems: policyProblems(policy) };
  await withOutput(args.value('output'), host, async (output) => {
    const report = await openReport('policy-verdict', args, host, output);
    await report.end(verdict);
  });
  const isSound = verdict.verdict === 'ALLOWED' && verdict.problems.length === 0;
  return isSound ? EXIT.OK : EXIT.NOT_COMPLIANT;
}

function required(args: Arguments, name: string, what: string): string | undefined {
  const value = args.value(name);
  if (value === undefined) args.mistakes.push(`--${name}: expected ${what}, got none`);
  return value;
}

function subjectOf(args: Arguments): PolicySubject | undefined {
  const arn = args.value('log-group-arn');
  const account = args.value('query-results');
  if ((arn === undefined) === (account === undefined)) {
    args.mistakes.push(
      `expected either --log-group-arn or --query-results, got ${arn === undefined ? 'neither' : 'both'}`,
    );
    return undefined;
  }
  return arn === undefined
    ? { type: 'query-results', account: account ?? '' }
    : { type: 'log-group', arn: withoutStreamWildcard(arn) };
}

async function readPolicy(args: Arguments, path: string, host: Host): Promise<string | undefined> {
  try {
    const reading = path === '-' ? buffer(host.input) : readFile(pathFromUser(path, host));
    const bytes = await unlessInterrupted(host.signal, reading);
    return isUtf8(bytes) ? unwrapped(new TextDecoder().decode(bytes)) : NOT_UTF8;
  } catch (error) {
    host.signal.throwIfAborted();
    args.mistakes.push(
      `--policy: expected a file that can be read, got ${path} (${error instanceof Error ? error.message : error})`,
    );
    return undefined;
  }
}

/** Stands for bytes that are not UTF-8: decoded all the same, they would be evaluated as another policy. */
const NOT_UTF8 = 'not UTF-8';

/** `aws kms get-key-policy` prints `{"Policy": "…"}`, and the bare policy with `--query Policy --output text`. */
function unwrapped(text: string): string {
  try {
    const document = JSON.parse(text);
    return typeof document?.Policy === 'string' && document.Statement === undefined ? document.Policy : text;
  } catch {
    return text;
  }
}
