import { describe, expect, it } from 'vitest';
import { problemOf } from '../../../lib/domain/key-policy/verdict-problem.ts';
import { aboutALogGroupIn, aDeny, anAllow, aPolicy, evaluate, type Json, LOGS, readFor } from './builders.ts';

const EUSC = 'logs.eusc-de-east-1.amazonaws.eu';
const NAMES = 'aws:PrincipalServiceNamesList';

describe('principals', () => {
  const root = 'arn:aws:iam::111122223333:root';

  it.each<[string, unknown, string, string]>([
    ['10: "*"', '*', 'ALLOWED', 'DENIED'],
    ['10: {"AWS":"*"}', { AWS: '*' }, 'ALLOWED', 'DENIED'],
    ['10: {"AWS":["*"]}', { AWS: ['*'] }, 'ALLOWED', 'DENIED'],
    ['10: {"AWS":[root,"*"]}', { AWS: [root, '*'] }, 'ALLOWED', 'DENIED'],
    ['10: {"AWS":"*"} next to the service', { AWS: '*', Service: LOGS }, 'ALLOWED', 'DENIED'],
    ['10: {"Service":"*"}', { Service: '*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['10: a pattern', { Service: 'logs.*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['10: {"Federated":"*"}', { Federated: '*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['10: {"CanonicalUser":"*"}', { CanonicalUser: '*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['10: the name in upper case', { Service: LOGS.toUpperCase() }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['10: the name under AWS', { AWS: LOGS }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['11: the root', { AWS: root }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['11: the account id', { AWS: '111122223333' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['11: a role', { AWS: 'arn:aws:iam::111122223333:role/*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['12: regional', { Service: LOGS }, 'ALLOWED', 'DENIED'],
    ['12: regional in a list', { Service: ['ec2.amazonaws.com', LOGS] }, 'ALLOWED', 'DENIED'],
    ['12: global', { Service: 'logs.amazonaws.com' }, 'ALLOWED', 'DENIED'],
    ['12: another Region', { Service: 'logs.eu-west-1.amazonaws.com' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['12: delivery.logs', { Service: 'delivery.logs.amazonaws.com' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['12: cloudwatch', { Service: 'cloudwatch.amazonaws.com' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['12: vpc-flow-logs', { Service: 'vpc-flow-logs.amazonaws.com' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['12: the Chinese names', { Service: [`${LOGS}.cn`, 'logs.amazonaws.com.cn'] }, 'MISSING_ACTIONS', 'ALLOWED'],
  ])('key-policy rule %s', (_rule, principal, inAllow, inDeny) => {
    expect(evaluate(anAllow({ Principal: principal })).verdict).toBe(inAllow);
    expect(evaluate([anAllow(), aDeny({ Principal: principal })]).verdict).toBe(inDeny);
  });

  it.each<[string, unknown, string]>([
    ['13: the root', { AWS: root }, 'DENIED'],
    ['13: another service', { Service: 'ec2.amazonaws.com' }, 'DENIED'],
    ['13: another Region', { Service: 'logs.eu-west-1.amazonaws.com' }, 'DENIED'],
    ['10: {"Service":"*"}, which names no service', { Service: '*' }, 'DENIED'],
    ['12: regional', { AWS: root, Service: LOGS }, 'ALLOWED'],
    ['12: global', { Service: ['logs.amazonaws.com'] }, 'ALLOWED'],
    ['13: {"AWS":"*"}', { AWS: '*' }, 'UNCERTAIN'],
    ['13: {"AWS":"*"} next to the service', { AWS: '*', Service: LOGS }, 'ALLOWED'],
    ['13: "*" excludes everybody', '*', 'ALLOWED'],
  ])('key-policy rule %s in the NotPrincipal of a Deny', (_rule, names, verdict) => {
    expect(evaluate([anAllow(), aDeny({ Principal: undefined, NotPrincipal: names })]).verdict).toBe(verdict);
  });

  it('key-policy rule 13: an Allow with NotPrincipal is uncertain only where nothing else decides', () => {
    const other = anAllow({ Principal: undefined, NotPrincipal: { AWS: root } });

    expect(evaluate(other).verdict).toBe('UNCERTAIN');
    expect(evaluate([other, anAllow()]).verdict).toBe('ALLOWED');
    expect(evaluate([other, aDeny()]).verdict).toBe('DENIED');
  });

  it.each([
    ['aws-cn', 'cn-northwest-1', 'logs.cn-northwest-1.amazonaws.com.cn', 'ALLOWED'],
    ['aws-cn', 'cn-northwest-1', 'logs.amazonaws.com.cn', 'ALLOWED'],
    ['aws-cn', 'cn-northwest-1', 'logs.cn-north-1.amazonaws.com.cn', 'MISSING_ACTIONS'],
    ['aws-cn', 'cn-northwest-1', 'logs.cn-northwest-1.amazonaws.com', 'MISSING_ACTIONS'],
    ['aws-cn', 'cn-northwest-1', 'logs.amazonaws.com', 'MISSING_ACTIONS'],
    ['aws-us-gov', 'us-gov-east-1', 'logs.us-gov-east-1.amazonaws.com', 'ALLOWED'],
    ['aws-us-gov', 'us-gov-east-1', 'logs.amazonaws.com', 'ALLOWED'],
    ['aws-us-gov', 'us-gov-east-1', 'logs.us-gov-west-1.amazonaws.com', 'MISSING_ACTIONS'],
    ['aws-iso', 'us-iso-east-1', 'logs.us-iso-east-1.c2s.ic.gov', 'ALLOWED'],
    ['aws-iso', 'us-iso-east-1', 'logs.c2s.ic.gov', 'ALLOWED'],
    ['aws-iso', 'us-iso-east-1', 'logs.us-iso-west-1.c2s.ic.gov', 'MISSING_ACTIONS'],
    ['aws-iso', 'us-iso-east-1', 'logs.us-iso-east-1.amazonaws.com', 'MISSING_ACTIONS'],
    ['aws-iso-b', 'us-isob-east-1', 'logs.us-isob-east-1.sc2s.sgov.gov', 'ALLOWED'],
    ['aws-iso-b', 'us-isob-east-1', 'logs.us-isob-east-1.c2s.ic.gov', 'MISSING_ACTIONS'],
    ['aws-eusc', 'eusc-de-east-1', 'logs.eusc-de-east-1.amazonaws.com', 'UNCERTAIN'],
    ['aws-eusc', 'eusc-de-east-1', 'logs.eusc-de-east-1.amazonaws.eu', 'UNCERTAIN'],
    ['aws-eusc', 'eusc-de-east-1', 'logs.amazonaws.eu', 'UNCERTAIN'],
    ['aws-eusc', 'eusc-de-east-1', 'logs.eusc-de-west-1.amazonaws.eu', 'MISSING_ACTIONS'],
    ['aws-eusc', 'eusc-de-east-1', 'delivery.logs.amazonaws.com', 'MISSING_ACTIONS'],
    ['aws-iso-f', 'us-isof-east-1', 'logs.us-isof-east-1.csp.hci.ic.gov', 'UNCERTAIN'],
    ['aws-new', 'xx-east-1', 'logs.xx-east-1.example.com', 'UNCERTAIN'],
  ])('key-policy rule 12: in %s, %s, %s is %s', (partition, region, service, verdict) => {
    const allow = anAllow({ Principal: { Service: service } });

    expect(evaluate(allow, aboutALogGroupIn(partition, region)).verdict).toBe(verdict);
  });

  it.each<[string, Json[], string]>([
    ['an Allow to everybody', [anAllow({ Principal: '*' })], 'ALLOWED'],
    ['a Deny to the service', [anAllow({ Principal: '*' }), aDeny({ Principal: { Service: EUSC } })], 'UNCERTAIN'],
    [
      'a Deny that spares the service',
      [anAllow({ Principal: '*' }), aDeny({ Principal: undefined, NotPrincipal: { Service: EUSC } })],
      'UNCERTAIN',
    ],
    [
      'a condition on the name of the service',
      [anAllow({ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalServiceName': EUSC } } })],
      'UNCERTAIN',
    ],
    [
      'a condition on the names of the service',
      [anAllow({ Principal: '*', Condition: { 'ForAnyValue:StringEquals': { [NAMES]: EUSC } } })],
      'UNCERTAIN',
    ],
  ])('key-policy rule 12: in aws-eusc %s is %3$s', (_what, statements, verdict) => {
    expect(evaluate(statements, aboutALogGroupIn('aws-eusc', 'eusc-de-east-1')).verdict).toBe(verdict);
  });

  it('key-policy rule 12: the service principal that a person names settles it', () => {
    const question = { ...aboutALogGroupIn('aws-eusc', 'eusc-de-east-1'), logsPrincipal: EUSC };
    const verdictFor = (service: string) => evaluate(anAllow({ Principal: { Service: service } }), question).verdict;

    const { actions } = evaluate(anAllow({ Principal: { Service: EUSC } }), { ...question, logsPrincipal: null });

    expect(actions['kms:Encrypt']?.because).toContain('LOGSEAL_LOGS_PRINCIPAL says which one it is');
    expect(verdictFor(EUSC)).toBe('ALLOWED');
    expect(verdictFor('logs.amazonaws.eu')).toBe('ALLOWED');
    expect(verdictFor('logs.eusc-de-east-1.amazonaws.com')).toBe('MISSING_ACTIONS');
    expect(evaluate(anAllow({ Principal: { AWS: root } }), question).repair?.Principal).toEqual({ Service: EUSC });
  });

  it('key-policy rule 12: no repair is offered where the service principal is not certain', () => {
    const question = aboutALogGroupIn('aws-eusc', 'eusc-de-east-1');

    expect(evaluate(anAllow({ Principal: { AWS: root } }), question)).toMatchObject({
      verdict: 'MISSING_ACTIONS',
      repair: null,
    });
  });

  it.each<[string, Json]>([
    ['missing', anAllow({ Principal: { AWS: root } })],
    ['uncertain', anAllow({ Principal: { Service: EUSC } })],
  ])('key-policy rule 12: where it is not certain and the Allow is %s, a person must name it', (_what, statement) => {
    const question = aboutALogGroupIn('aws-eusc', 'eusc-de-east-1');
    const { fix } = problemOf(
      readFor(question, aPolicy([statement])),
      question.subject,
      evaluate([statement], question),
    );

    expect(fix).toMatch(
      /^set LOGSEAL_LOGS_PRINCIPAL to the service principal of CloudWatch Logs in eusc-de-east-1, as AWS Support names it \(for instance logs\.eusc-de-east-1\.\S+\), and make sure that the key policy names it$/,
    );
  });
});
