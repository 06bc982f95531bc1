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
const LOG_GROUP = 'arn:aws:logs:eu-west-1:111122223333:log-group:/a';
const OTHER_KEY = KEY_ARN.replace(/.$/, '6');

const need = (action: string, resource = KEY_ARN): Need => ({ action, resource });

interface Iam {
  readonly arn?: string;
  readonly role?: string;
  /** The results of one simulated action on the resources of a call. */
  readonly simulate?: (action: string, resources: readonly string[]) => string;
  /** By action. */
  readonly fails?: Readonly<Record<string, readonly [code: string, message: string, status?: number]>>;
}

const decided = (action: string, decision: string, more = '') =>
  `<member><EvalActionName>${action}</EvalActionName><EvalDecision>${decision}</EvalDecision>${more}</member>`;
/** As IAM returns the decisions on resources that are named. */
const decidedEach = (
  action: string,
  decisions: readonly (readonly [resource: string, decision: string, more?: string])[],
) => {
  const each = decisions.map(
    ([resource, decision, more = '']) =>
      `<member><EvalResourceName>${resource}</EvalResourceName><EvalResourceDecision>${decision}</EvalResourceDecision>${more}</member>`,
  );
  return decided(action, 'explicitDeny', `<ResourceSpecificResults>${each.join('')}</ResourceSpecificResults>`);
};

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
    const results = listOf(input, 'ActionNames').map((action) => simulate(action, listOf(input, 'ResourceArns')));
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

  test('a session by the ARN of its role, including the path, which the ARN of the session lacks', async () => {
    const { requests } = await serveIam({ arn: SESSION });
    const cloud = aCloud();

    expect(await cloud.identityPolicies([need('kms:Encrypt')])).toMatchObject({ principalArn: ROLE, because: null });
    expect(inputsOf(requests, 'GetRole')).toMatchObject([{ RoleName: 'AWSReservedSSO_Admin_0123' }]);
    expect(inputsOf(requests, 'SimulatePrincipalPolicy')).toMatchObject([{ PolicySourceArn: ROLE }]);
    expect(cloud.apiCalls()).toMatchObject({ 'iam:GetRole': 1, 'iam:SimulatePrincipalPolicy': 1 });
  });

  test('not a federated user, and the result says why', async () => {
    const arn = 'arn:aws:sts::111122223333:federated-user/someone';
    const { requests } = await serveIam({ arn });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toEqual({
      principalArn: null,
      decisions: null,
      because: `IAM cannot simulate the policies of ${arn}: it is neither a user nor a role`,
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

  test('the caller is identified through one Region for all', async () => {
    await serveIam();
    const cloudOf = awsClouds({ callerRegion: 'eu-west-1' });

    await cloudOf(aTarget('eu-west-2')).identityPolicies([need('kms:Encrypt')]);

    expect(cloudOf(aTarget('eu-west-1')).apiCalls()).toEqual({ 'sts:GetCallerIdentity': 1 });
    expect(cloudOf(aTarget('eu-west-2')).apiCalls()).toEqual({ 'iam:SimulatePrincipalPolicy': 1 });
  });
});

describe('what is simulated', () => {
  test('makes no call if no right is needed', async () => {
    const { requests } = await serveIam();

    expect(await aCloud().identityPolicies([])).toEqual({ principalArn: null, decisions: [], because: null });
    expect(requests).toHaveLength(0);
  });

  const questions = (requests: readonly TinyRequest[]) =>
    inputsOf(requests, 'SimulatePrincipalPolicy').map((input) => [
      listOf(input, 'ResourceArns'),
      listOf(input, 'ActionNames'),
    ]);

  test('one call for resources with the same actions, and the decisions in the order of the needs', async () => {
    const { requests } = await serveIam({
      simulate: (action, resources) =>
        decidedEach(
          action.toUpperCase(),
          resources.map((arn) => [arn, arn === OTHER_KEY && action === 'kms:Encrypt' ? 'explicitDeny' : 'allowed']),
        ),
    });
    const needs = [
      need('kms:Encrypt'),
      need('kms:Decrypt', OTHER_KEY),
      need('kms:Encrypt', OTHER_KEY),
      need('kms:Decrypt'),
      need('kms:Encrypt'),
      need('logs:AssociateKmsKey', 'arn:aws:logs:eu-west-1:111122223333:query-result:*'),
    ];

    const { decisions } = await aCloud().identityPolicies(needs);

    expect(decisions).toEqual(['ALLOWED', 'ALLOWED', 'EXPLICIT_DENY', 'ALLOWED', 'ALLOWED', 'ALLOWED']);
    expect(questions(requests)).toEqual([
      [
        [KEY_ARN, OTHER_KEY],
        ['kms:Encrypt', 'kms:Decrypt'],
      ],
      [['arn:aws:logs:eu-west-1:111122223333:query-result:*'], ['logs:AssociateKmsKey']],
    ]);
  });

  const GROUP = 'arn:aws:logs:eu-west-1:111122223333:log-group:/app/';
  const groups = (count: number) =>
    Array.from({ length: count }, (_, index) => need('logs:AssociateKmsKey', `${GROUP}${index}`));

  test('a log group by the ARN that AWS documents for policies, which ends in :*', async () => {
    const { requests } = await serveIam();

    await aCloud().identityPolicies(groups(1));

    expect(questions(requests)).toEqual([[[`${GROUP}0:*`], ['logs:AssociateKmsKey']]]);
  });

  test('a hundred decisions a call', async () => {
    const { requests } = await serveIam({
      simulate: (action, resources) =>
        decidedEach(
          action,
          resources.map((arn) => [arn, /[0-9]7:/.test(arn) ? 'implicitDeny' : 'allowed']),
        ),
    });
    const cloud = aCloud();

    const { decisions } = await cloud.identityPolicies(groups(230));

    expect(questions(requests).map(([resources]) => resources?.length)).toEqual([100, 100, 30]);
    expect(decisions).toHaveLength(230);
    expect(
      decisions?.map((decision, index) => (decision === 'ALLOWED' ? -1 : index)).filter((index) => index >= 0),
    ).toEqual(Array.from({ length: 22 }, (_, index) => 17 + 10 * index));
    expect(cloud.apiCalls()).toEqual({ 'sts:GetCallerIdentity': 1, 'iam:SimulatePrincipalPolicy': 3 });
  });

  test('several resources where a result is returned for each of them', async () => {
    const name = (arn: string) => `<EvalResourceName>${arn}</EvalResourceName>`;
    await serveIam({
      simulate: (action, resources) =>
        resources.map((arn) => decided(action, arn === OTHER_KEY ? 'implicitDeny' : 'allowed', name(arn))).join(''),
    });

    const { decisions } = await aCloud().identityPolicies([need('kms:Encrypt', OTHER_KEY), need('kms:Encrypt')]);

    expect(decisions).toEqual(['IMPLICIT_DENY', 'ALLOWED']);
  });

  test('the role of a session, which is read once', async () => {
    const { requests } = await serveIam({ arn: SESSION });
    const cloud = aCloud();

    await Promise.all([cloud.identityPolicies([need('kms:Encrypt')]), cloud.identityPolicies([need('kms:Decrypt')])]);
    await cloud.identityPolicies([need('kms:Encrypt')]);

    expect(inputsOf(requests, 'GetRole')).toHaveLength(1);
    expect(inputsOf(requests, 'SimulatePrincipalPolicy')).toHaveLength(3);
  });

  test.each([
    ['eu-west-1', 'aws', 'logs.eu-west-1.amazonaws.com'],
    ['cn-north-1', 'aws-cn', 'logs.cn-north-1.amazonaws.com.cn'],
    ['eusc-de-east-1', 'aws-eusc', 'logs.eusc-de-east-1.amazonaws.eu'],
  ])('in %s as a request made by CloudWatch Logs', async (region, partition, service) => {
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

  test('of another principal, without asking who calls', async () => {
    const { requests } = await serveIam();
    const role = ROLE.replace('111122223333', '444455556666');

    const { principalArn } = await aCloud().identityPolicies([need('kms:Decrypt')], {
      arn: role,
      logGroupArn: LOG_GROUP,
    });

    expect(principalArn).toBe(role);
    expect(requests).toHaveLength(1);
    const [input = {}] = inputsOf(requests, 'SimulatePrincipalPolicy');
    expect(input['PolicySourceArn']).toBe(role);
    const context = Array.from({ length: 7 }, (_, index) => {
      const at = `ContextEntries.member.${index + 1}`;
      return [input[`${at}.ContextKeyName`], input[`${at}.ContextKeyValues.member.1`], input[`${at}.ContextKeyType`]];
    });
    expect(context).toEqual([
      ['kms:ViaService', 'logs.eu-west-1.amazonaws.com', 'string'],
      ['kms:CallerAccount', '444455556666', 'string'],
      ['aws:RequestedRegion', 'eu-west-1', 'string'],
      ['aws:PrincipalAccount', '444455556666', 'string'],
      ['kms:EncryptionContext:aws:logs:arn', LOG_GROUP, 'string'],
      ['kms:EncryptionContextKeys', 'aws:logs:arn', 'stringList'],
      [undefined, undefined, undefined],
    ]);
  });

  test('of another principal without an encryption context, where the call carries none', async () => {
    const { requests } = await serveIam();

    await aCloud().identityPolicies([need('kms:DescribeKey')], { arn: ROLE, logGroupArn: null });

    expect(JSON.stringify(requests)).not.toContain('EncryptionContext');
  });

  test('reads every page', async () => {
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

describe('the decision of IAM', () => {
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

  const scp =
    '<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>';
  test('is that on the resource itself, whatever else a result says of all', async () => {
    const named = [
      [KEY_ARN, 'allowed'],
      [OTHER_KEY, 'implicitDeny', boundary],
      [`${KEY_ARN}1`, 'explicitDeny', missing],
      [`${KEY_ARN}2`, 'implicitDeny'],
    ] as const;
    await serveIam({ simulate: (action) => decidedEach(action, named) });
    const needs = named.map(([resource]) => need('kms:Encrypt', resource));

    expect(await aCloud().identityPolicies(needs)).toMatchObject({
      decisions: ['ALLOWED', 'UNKNOWN', 'UNKNOWN', 'IMPLICIT_DENY'],
    });
  });

  test('is not known where a service control policy limits some resource, and this one is denied', async () => {
    await serveIam({
      simulate: (action, [first = '', second = '']) =>
        decidedEach(action, [
          [first, 'allowed'],
          [second, 'implicitDeny'],
        ]).replace('<ResourceSpecificResults>', `${scp}<ResourceSpecificResults>`),
    });

    expect(await aCloud().identityPolicies([need('kms:Encrypt'), need('kms:Encrypt', OTHER_KEY)])).toMatchObject({
      decisions: ['ALLOWED', 'UNKNOWN'],
    });
  });

  test.each([
    ['an empty result', () => '', 'IAM returned no decision on kms:Encrypt'],
    ['an unknown value', (action: string) => decided(action, 'perhaps'), 'IAM returned "perhaps" for kms:Encrypt'],
  ])('%s is not a decision', async (_, simulate, words) => {
    await serveIam({ simulate });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toEqual({
      principalArn: USER,
      decisions: null,
      because: expect.stringContaining(words),
    });
  });
});

describe('a failure is returned instead of thrown', () => {
  test.each([
    ['GetRole', SESSION, null],
    ['SimulatePrincipalPolicy', SESSION, ROLE],
    ['SimulatePrincipalPolicy', USER, USER],
  ])('of %s for %s, with the right that the caller needs', async (action, arn, principalArn) => {
    await serveIam({ arn, fails: { [action]: ['AccessDenied', `not authorized to perform: iam:${action}`] } });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toEqual({
      principalArn,
      decisions: null,
      because: `iam:${action} failed: not authorized to perform: iam:${action} (the caller needs iam:${action})`,
    });
  });

  test('of GetCallerIdentity, which needs no right', async () => {
    await serveIam({ fails: { GetCallerIdentity: ['ExpiredToken', 'The security token is expired'] } });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toEqual({
      principalArn: null,
      decisions: null,
      because: 'sts:GetCallerIdentity failed: The security token is expired',
    });
  });

  test('of a role that IAM does not return', async () => {
    await serveIam({ arn: SESSION, role: '' });

    expect(await aCloud().identityPolicies([need('kms:Encrypt')])).toMatchObject({
      principalArn: null,
      because: expect.stringContaining('IAM returned no role AWSReservedSSO_Admin_0123'),
    });
  });

  test('of IAM itself, after three attempts', async () => {
    const { requests } = await serveIam({ fails: { SimulatePrincipalPolicy: ['ServiceFailure', 'try later', 500] } });

    const { because } = await awsClouds()(aTarget('eu-west-1')).identityPolicies([need('kms:Encrypt')]);

    expect(because).toMatch(/^iam:SimulatePrincipalPolicy failed: try later/);
    expect(inputsOf(requests, 'SimulatePrincipalPolicy')).toHaveLength(3);
  });
});
