import { logGroupArnMistake } from '../../lib/config/log-group-arn.ts';
import { evaluateKeyPolicy } from '../../lib/domain/key-policy/evaluate.ts';
import { type ReadPolicy, readKeyPolicy } from '../../lib/domain/key-policy/read.ts';
import { type LogsService, logsService, type PolicySubject } from '../../lib/domain/key-policy/service-call.ts';
import { accountMistake, keyArnMistake } from '../../lib/domain/providers/aws.ts';
import { withoutStreamWildcard } from '../../lib/domain/stores/log-group.ts';
import { UsageError } from '../../lib/errors.ts';
import { type Arguments, readArguments } from '../arguments.ts';
import { EXIT, type ExitStatus } from '../exit-status.ts';
import type { Host } from '../host.ts';
import { withOutput } from '../output.ts';
import { decodeText, unwrapPolicy } from '../policy-input.ts';
import { readInput } from '../read-input.ts';
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
      ...outputOptions('policy-verdict'),
    },
    host,
  );
  const path = required(args, 'policy', 'a file, or - for standard input');
  const keyArn = required(args, 'key-arn', 'the ARN of the key');
  const subject = subjectOf(args);
  const bytes = path === undefined ? undefined : await bytesOf(args, path, host);
  if (args.mistakes.length > 0 || !bytes || keyArn === undefined || !subject) throw new UsageError(args.mistakes);

  const policy = await policyIn(bytes, logsService(keyArn, new Date()));
  const verdict = evaluateKeyPolicy(policy, subject);
  await withOutput(args.value('output'), host, async (output) => {
    const report = await openReport('policy-verdict', args, host, output);
    await report.end(verdict);
  });
  return verdict.verdict === 'ALLOWED' ? EXIT.OK : EXIT.NOT_COMPLIANT;
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

async function bytesOf(args: Arguments, path: string, host: Host): Promise<Uint8Array | undefined> {
  try {
    return await readInput(path, host);
  } catch (error) {
    host.signal.throwIfAborted();
    args.mistakes.push(
      `--policy: expected a file that can be read, got ${path} (${error instanceof Error ? error.message : error})`,
    );
    return undefined;
  }
}

async function policyIn(bytes: Uint8Array, service: LogsService): Promise<ReadPolicy> {
  const text = decodeText(bytes);
  const policy = text === undefined ? undefined : readKeyPolicy(unwrapPolicy(text), service);
  if (policy?.status === 'READ') return policy;
  const { explainBytes, explainMalformed } = await import('../not-a-policy.ts');
  return policy
    ? { ...policy, mistakes: explainMalformed(policy.text, policy.mistakes) }
    : { status: 'MALFORMED', text: '', service, mistakes: [explainBytes(bytes)] };
}
