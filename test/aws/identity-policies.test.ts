import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Need } from '../../lib/domain/caller-rights.ts';
import { awsClouds } from '../../lib/runtime.ts';
import { aTarget } from '../support/builders.ts';
import { KEY_ARN } from './builders.ts';
import { aCloud, serve, type TinyRequest } from './tiny-server.ts';

const USER = 'arn:aws:iam::111122223333:user/path/u';
const SESSION = 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123/someone@example.org';
const ROLE = 'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123';
const OTHER_KEY = KEY_ARN.replace(/.$/, '6');

const need = (action: string, resource = KEY_ARN): Need => ({ action, resource });

interface Iam {
  readonly arn?: string;
  readonly role?: string;
  /** The results of one simulated action. */
  readonly simulate?: (action: string, resource: string) => string;
  /** By the name of the action. */
  readonly fails?: Readonly<Record<string, readonly [code: string, message: string, status?: number]>>;
}

const decided = (action: string, decision: string, more = '') =>
  `<member><EvalActionName>${action}</EvalActionName><EvalDecision>${decision}</EvalDecision>${more}</member>`;

/** Serves STS and IAM in the query protocol. */
async function serveIam({
  arn = USER,
  role = ROLE,
  simulate = (action) => decided(action, 'allowed'),
  fails,
}: Iam = {}) {
  return serve(({ input }, response) => {
    const failure = fails?.[input.Action];
    if (failure) return answerError(response, ...failure);
    const results = listOf(input, 'ActionNames').map((action) => simulate(action, input['ResourceArns.member.1']));
    const answers: Record<string, string> = {
      GetCallerIdentity: `<Account>111122223333</Account><Arn>${arn}</Arn>`,
      GetRole: `<Role><Path>/</Path><RoleName>r</RoleName><Arn>${role}</Arn></Role>`,
      SimulatePrincipalPolicy: `<IsTruncated>false</IsTruncated><EvaluationResults>${results.join('')}</EvaluationResults>`,
    };
    return answer(response, input.Action, answers[input.Action] ?? '');
  });
}

function answer(response: ServerResponse, action: string, result: string): undefined {
  response.setHeader('content-type', 'text/xml');
  response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
}

function answerError(response: ServerResponse, code: string, message: string, status = 403): undefined {
  response.writeHead(status, { 'content-type': 'text/xml' });
  response.end(`<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`);
}

function listOf(input: Record<string, string>, name: string): string[] {
  return Object.entries(input).flatMap(([field, value]) => (field.startsWith(`${name}.member.`) ? [value] : []));
}

const inputsOf = (requests: readonly TinyRequest[], action: string) =>
  requests.map(({ input }) => input).filter(({ Action }) => Action === action);

describe('who is simulated', () => {
  test('a user by its own ARN', async () => {
    const { requests } = await serveIam();
    const cloud = aCloud();

    expect(await cloud.identityPolicies([need('kms:Encrypt')])).toEqual({
      principalArn: USER,
      decisions: ['ALLOWED'],
      because: null,
    });
    expect(inputsOf(requests, 'SimulatePrincipalPolicy')).toMatchObject([{ PolicySourceArn: USER }]);
    expect(cloud.apiCalls()).toEqual({ 'sts:GetCallerIdentity': 1, 'iam:SimulatePrincipalPolicy': 1 });
  });

  test('a session by the ARN of its role, with the path that the session’s ARN lacks', async () => {
    const { requests } = await serveIam({ arn: SESSION });
    const cloud = aCloud();

    expect(await cloud.identityPolicies([need('kms:Encrypt')])).toMatchObject({ principalArn: ROLE, because: null });
    expect(inputsOf(requests, 'GetRole')).toMatchObject([{ RoleName: 'AWSReservedSSO_Admin_0123' }]);
    expect(inputsOf(requests, 'SimulatePrincipalPolicy')).toMatchObject([{ PolicySourceArn: ROLE }]);
    expect(cloud.apiCalls()).toMatchObject({ 'iam:GetRole': 1, 'iam:SimulatePrincipalPolicy': 1 });
  });

  test('a federated user cannot be, and that is said', async () => {
    const arn = 'arn:aws:sts::111122223333:federated-user/someone';
    const { requests } = await serveIam({ arn });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toEqual({
      principalArn: null,
      decisions: null,
      because: `IAM cannot simulate the policies of ${arn}: it is neither user nor role`,
    });
    expect(requests).toHaveLength(1);
  });

  test('the root user needs no policies', async () => {
    const arn = 'arn:aws:iam::111122223333:root';
    const { requests } = await serveIam({ arn });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toEqual({
      principalArn: arn,
      decisions: ['ALLOWED'],
      because: null,
    });
    expect(requests).toHaveLength(1);
  });

  test('whoever calls was asked for in one Region for all', async () => {
    await serveIam();
    const cloudOf = awsClouds({ callerRegion: 'eu-west-1' });

    await cloudOf(aTarget('eu-west-2')).identityPolicies([need('kms:Encrypt')]);

    expect(cloudOf(aTarget('eu-west-1')).apiCalls()).toEqual({ 'sts:GetCallerIdentity': 1 });
    expect(cloudOf(aTarget('eu-west-2')).apiCalls()).toEqual({ 'iam:SimulatePrincipalPolicy': 1 });
  });
});

describe('what is simulated', () => {
  test('nothing needed, nothing called', async () => {
    const { requests } = await serveIam();

    expect(await aCloud().identityPolicies([])).toEqual({ principalArn: null, decisions: [], because: null });
    expect(requests).toHaveLength(0);
  });

  test('all actions on one resource at a time, and the decisions in the order of the needs', async () => {
    const { requests } = await serveIam({
      simulate: (action, resource) =>
        decided(action.toUpperCase(), resource === OTHER_KEY && action === 'kms:Encrypt' ? 'explicitDeny' : 'allowed'),
    });
    const needs = [
      need('kms:Encrypt'),
      need('kms:Encrypt', OTHER_KEY),
      need('kms:Decrypt'),
      need('kms:Encrypt'),
      need('kms:Decrypt', OTHER_KEY),
    ];

    const { decisions } = await aCloud().identityPolicies(needs);

    expect(decisions).toEqual(['ALLOWED', 'EXPLICIT_DENY', 'ALLOWED', 'ALLOWED', 'ALLOWED']);
    const inputs = inputsOf(requests, 'SimulatePrincipalPolicy');
    expect(inputs.map((input) => [listOf(input, 'ResourceArns'), listOf(input, 'ActionNames')])).toEqual([
      [[KEY_ARN], ['kms:Encrypt', 'kms:Decrypt']],
      [[OTHER_KEY], ['kms:Encrypt', 'kms:Decrypt']],
    ]);
  });

  test.each([
    ['eu-west-1', 'aws', 'logs.eu-west-1.amazonaws.com'],
    ['cn-north-1', 'aws-cn', 'logs.cn-north-1.amazonaws.com.cn'],
  ])('in %s as a request that comes through CloudWatch Logs', async (region, partition, service) => {
    const { requests } = await serveIam({ arn: USER.replace('arn:aws:', `arn:${partition}:`) });

    await awsClouds({ maxAttempts: 1 })(aTarget(region)).identityPolicies([need('kms:Encrypt')]);

    const [input = {}] = inputsOf(requests, 'SimulatePrincipalPolicy');
    const entry = (number: number) =>
      ['ContextKeyName', 'ContextKeyValues.member.1', 'ContextKeyType'].map(
        (field) => input[`ContextEntries.member.${number}.${field}`],
      );
    expect([1, 2, 3, 4, 5].map(entry)).toEqual([
      ['kms:ViaService', service, 'string'],
      ['kms:CallerAccount', '111122223333', 'string'],
      ['aws:RequestedRegion', region, 'string'],
      ['aws:PrincipalAccount', '111122223333', 'string'],
      [undefined, undefined, undefined],
    ]);
  });

  test('every page counts', async () => {
    await serve(({ input }, response) => {
      if (input.Action === 'GetCallerIdentity')
        return answer(response, input.Action, `<Account>111122223333</Account><Arn>${USER}</Arn>`);
      const more = input.Marker ? '' : '<IsTruncated>true</IsTruncated><Marker>m</Marker>';
      const results = decided(input.Marker ? 'kms:Decrypt' : 'kms:Encrypt', 'allowed');
      return answer(response, input.Action, `${more}<EvaluationResults>${results}</EvaluationResults>`);
    });
    const cloud = aCloud();

    const { decisions } = await cloud.identityPolicies([need('kms:Encrypt'), need('kms:Decrypt')]);

    expect(decisions).toEqual(['ALLOWED', 'ALLOWED']);
    expect(cloud.apiCalls()).toMatchObject({ 'iam:SimulatePrincipalPolicy': 2 });
  });
});

describe('what IAM says', () => {
  const missing = '<MissingContextValues><member>aws:SourceIp</member></MissingContextValues>';
  const boundary =
    '<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>';

  test.each([
    ['allowed', '', 'ALLOWED'],
    ['allowed', missing, 'ALLOWED'],
    ['explicitDeny', '', 'EXPLICIT_DENY'],
    ['explicitDeny', missing, 'UNKNOWN'],
    ['implicitDeny', '', 'IMPLICIT_DENY'],
    ['implicitDeny', '<MissingContextValues/>', 'IMPLICIT_DENY'],
    ['implicitDeny', missing, 'UNKNOWN'],
    ['implicitDeny', boundary, 'UNKNOWN'],
  ])('%s %s is %3$s', async (decision, more, expected) => {
    await serveIam({ simulate: (action) => decided(action, decision, more) });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toMatchObject({ decisions: [expected] });
  });

  test.each([
    ['nothing', () => '', 'IAM answered nothing of kms:Encrypt'],
    ['a word that is new', (action: string) => decided(action, 'perhaps'), 'IAM answered "perhaps" of kms:Encrypt'],
  ])('%s is no decision', async (_, simulate, words) => {
    await serveIam({ simulate });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toEqual({
      principalArn: USER,
      decisions: null,
      because: expect.stringContaining(words),
    });
  });
});

describe('what fails is said, not thrown', () => {
  test.each([
    ['GetRole', SESSION, null],
    ['SimulatePrincipalPolicy', SESSION, ROLE],
    ['SimulatePrincipalPolicy', USER, USER],
  ])('%s of %s, with the right that it takes', async (action, arn, principalArn) => {
    await serveIam({ arn, fails: { [action]: ['AccessDenied', `not authorized to perform: iam:${action}`] } });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toEqual({
      principalArn,
      decisions: null,
      because: `iam:${action} failed: not authorized to perform: iam:${action} (it takes the right iam:${action})`,
    });
  });

  test('who calls, which takes no right', async () => {
    await serveIam({ fails: { GetCallerIdentity: ['ExpiredToken', 'The security token is expired'] } });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toEqual({
      principalArn: null,
      decisions: null,
      because: 'sts:GetCallerIdentity failed: The security token is expired',
    });
  });

  test('a role that IAM says nothing of', async () => {
    await serveIam({ arn: SESSION, role: '' });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toMatchObject({
      principalArn: null,
      because: expect.stringContaining('IAM answered nothing of role AWSReservedSSO_Admin_0123'),
    });
  });

  test('IAM out of reach is tried three times, and no more', async () => {
    const { requests } = await serveIam({ fails: { SimulatePrincipalPolicy: ['ServiceFailure', 'try later', 500] } });

    const { because } = await awsClouds()(aTarget('eu-west-1')).identityPolicies([need('kms:Encrypt')]);

    expect(because).toMatch(/^iam:SimulatePrincipalPolicy failed: try later/);
    expect(inputsOf(requests, 'SimulatePrincipalPolicy')).toHaveLength(3);
  });
});
