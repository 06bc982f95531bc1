import { describe, expect, it } from 'vitest';
import { logWriter } from '../../../lib/app/key/log-writer.ts';
import type { Cloud, LambdaFunction, OtherPrincipal } from '../../../lib/app/ports.ts';
import type { IdentityDecision } from '../../../lib/domain/caller-rights.ts';
import { CloudError } from '../../../lib/errors.ts';
import {
  aKeyArn,
  aLogGroup,
  aLogsPolicy,
  anInspection,
  aPolicyForAll,
  aPolicyInspection,
} from '../../support/builders.ts';

const GROUP = '/aws/lambda/orders';
const ROLE = 'arn:aws:iam::111122223333:role/teams/app';
const FUNCTION: LambdaFunction = {
  arn: 'arn:aws:lambda:eu-west-1:111122223333:function:orders',
  roleArn: ROLE,
  logGroup: GROUP,
};
const KEY = aKeyArn();
const under = (text = aLogsPolicy()) => ({ ...anInspection({ policy: aPolicyInspection(text) }), keyArn: KEY });

interface Given {
  readonly name?: string;
  readonly text?: string;
  readonly found?: LambdaFunction | CloudError;
  /** What IAM decides on an action; null: it cannot be asked. */
  readonly decide?: ((action: string) => IdentityDecision) | null;
}

async function found({ name = GROUP, text, found: answer = FUNCTION, decide = () => 'ALLOWED' }: Given = {}) {
  const asked: [actions: string, other: OtherPrincipal | undefined][] = [];
  const cloud: Pick<Cloud, 'lambdaFunction' | 'identityPolicies'> = {
    async lambdaFunction() {
      if (answer instanceof CloudError) throw answer;
      return answer;
    },
    async identityPolicies(needs, other) {
      asked.push([needs.map(({ action }) => action).join(' '), other]);
      const decisions = decide && needs.map(({ action }) => decide(action));
      return { principalArn: ROLE, decisions, because: decisions ? null : 'it needs iam:SimulatePrincipalPolicy' };
    },
  };
  return { writer: await logWriter(under(text), aLogGroup(name), cloud), asked };
}

describe('the role of a function', () => {
  it('has all rights where IAM and the key policy together give them', async () => {
    const { writer, asked } = await found();

    expect(writer).toMatchObject({ status: 'FOUND', functionArn: FUNCTION.arn, roleArn: ROLE, fix: null });
    expect(resultsOf(writer)).toEqual(['kms:GenerateDataKey PASS', 'kms:Decrypt PASS', 'kms:DescribeKey PASS']);
    expect(asked).toEqual([
      ['kms:GenerateDataKey kms:Decrypt', { arn: ROLE, logGroupArn: aLogGroup(GROUP).arn }],
      ['kms:DescribeKey', { arn: ROLE, logGroupArn: null }],
    ]);
  });

  it('has them by the key policy alone where that lets all principals in, unless a policy of the role denies one', async () => {
    const text = aPolicyForAll();
    const none = await found({ text, decide: () => 'IMPLICIT_DENY' });
    const denied = await found({ text, decide: (a) => (a === 'kms:Decrypt' ? 'EXPLICIT_DENY' : 'ALLOWED') });

    expect(none.writer).toMatchObject({ fix: null });
    expect(resultsOf(none.writer).every((line) => line.endsWith('PASS'))).toBe(true);
    expect(resultsOf(denied.writer)).toContain('kms:Decrypt FAIL');
    expect(denied.writer.fix).toContain('no Allow overrides a Deny');
  });

  it('that lacks rights gets one statement for them', async () => {
    const { writer } = await found({ decide: (a) => (a === 'kms:DescribeKey' ? 'ALLOWED' : 'IMPLICIT_DENY') });

    expect(resultsOf(writer)).toEqual(['kms:GenerateDataKey FAIL', 'kms:Decrypt FAIL', 'kms:DescribeKey PASS']);
    expect(messagesOf(writer)[0]).toContain("delegates to the role app's policies, which do not allow");
    expect(writer.fix).toBe(
      `add this statement to a policy of the role app: {"Effect":"Allow","Action":["kms:GenerateDataKey","kms:Decrypt"],"Resource":"${KEY}"}`,
    );
  });

  it('that cannot be simulated is not known, and told why once', async () => {
    const { writer, asked } = await found({ decide: null });

    expect(resultsOf(writer)).toEqual(['null UNKNOWN']);
    expect(messagesOf(writer)[0]).toMatch(
      /^the role app's policies could not be simulated, .* kms:DescribeKey: it needs iam:SimulatePrincipalPolicy$/,
    );
    expect(writer.fix).toContain('make sure that the policies of the role app have these statements');
    expect(asked).toHaveLength(1);
  });

  it('is told what is certain all the same', async () => {
    const [root, logs] = JSON.parse(aLogsPolicy()).Statement;
    const deny = { Sid: 'No', Effect: 'Deny', Principal: { AWS: ROLE }, Action: 'kms:Decrypt', Resource: '*' };
    const { writer } = await found({ text: JSON.stringify({ Statement: [root, logs, deny] }), decide: null });

    expect(resultsOf(writer)).toEqual(['kms:Decrypt FAIL', 'null UNKNOWN']);
    expect(writer.fix).toMatch(/^exclude the role app from the statement "No" .*; make sure that/);
  });

  it('on a key of another account depends on a key policy that cannot be read', async () => {
    const keyArn = aKeyArn('k', { account: '444455556666' });
    const key = { ...anInspection({ keyArn }), keyArn };
    const writer = await logWriter(key, aLogGroup(GROUP), {
      lambdaFunction: async () => FUNCTION,
      identityPolicies: async (needs) => ({ principalArn: ROLE, decisions: needs.map(() => 'ALLOWED'), because: null }),
    });

    expect(resultsOf(writer)).toEqual([
      'kms:GenerateDataKey UNKNOWN',
      'kms:Decrypt UNKNOWN',
      'kms:DescribeKey UNKNOWN',
    ]);
    expect(messagesOf(writer)[0]).toContain('the key belongs to another account');
  });
});

describe('who writes is not known', () => {
  const failed = (code: CloudError['code']) => new CloudError(code, 'lambda:GetFunctionConfiguration', 'AWS said so');

  it.each<[string, Given, string]>([
    [
      'of a log group of no function',
      { name: '/app/a' },
      'only functions of AWS Lambda are known by the name of their log group, so logseal does not know who writes to /app/a',
    ],
    [
      'below the name of a function',
      { name: `${GROUP}/x` },
      `only functions of AWS Lambda are known by the name of their log group, so logseal does not know who writes to ${GROUP}/x`,
    ],
    [
      'where the function does not exist',
      { found: failed('NOT_FOUND') },
      `there is no function orders in eu-west-1, so logseal does not know who writes to ${GROUP}`,
    ],
    [
      'where the function writes elsewhere',
      { found: { ...FUNCTION, logGroup: '/shared' } },
      `the function orders writes to /shared, so logseal does not know who writes to ${GROUP}`,
    ],
    [
      'where the call failed',
      { found: failed('NETWORK') },
      `lambda:GetFunctionConfiguration failed (AWS said so), so logseal does not know who writes to ${GROUP}`,
    ],
  ])('%s', async (_why, given, message) => {
    const { writer, asked } = await found(given);

    expect(writer).toEqual({ status: 'NOT_KNOWN', message, fix: null });
    expect(asked).toEqual([]);
  });

  it('where the caller lacks the right, which the fix gives', async () => {
    const { writer } = await found({ found: failed('ACCESS_DENIED') });

    expect(writer).toMatchObject({ status: 'NOT_KNOWN' });
    expect(writer.fix).toBe(
      'add this statement to a policy of the caller: {"Effect":"Allow","Action":"lambda:GetFunctionConfiguration","Resource":"*"}',
    );
  });

  it('of a provider without functions', async () => {
    const cloud = { identityPolicies: async () => ({ principalArn: null, decisions: null, because: null }) };

    expect(await logWriter(under(), aLogGroup(GROUP), cloud)).toMatchObject({ status: 'NOT_KNOWN' });
  });
});

type Writer = Awaited<ReturnType<typeof logWriter>>;

function resultsOf(writer: Writer): string[] {
  return writer.status === 'FOUND' ? writer.rights.map(({ action, result }) => `${action} ${result}`) : [];
}

function messagesOf(writer: Writer): string[] {
  return writer.status === 'FOUND' ? writer.rights.map(({ message }) => message) : [];
}
