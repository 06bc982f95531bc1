import { describe, expect, it } from 'vitest';
import { ABOUT_A_LOG_GROUP, aDeny, anAllow, evaluate, KEY_ARN, LOG_GROUP_ARN, LOGS } from './builders.ts';

describe('principals', () => {
  const root = 'arn:aws:iam::111122223333:root';

  it.each<[string, unknown, string, string]>([
    ['10: "*"', '*', 'ALLOWED', 'DENIED'],
    ['10: {"AWS":"*"}', { AWS: '*' }, 'UNCERTAIN', 'DENIED'],
    ['10: {"AWS":["*"]}', { AWS: ['*'] }, 'UNCERTAIN', 'DENIED'],
    ['10: {"AWS":[root,"*"]}', { AWS: [root, '*'] }, 'UNCERTAIN', 'DENIED'],
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
  ])('key-policy rule 12: in %s, %s, %s is %s', (partition, region, service, verdict) => {
    const at = (arn: string) => arn.replace('arn:aws:', `arn:${partition}:`).replace('us-east-1', region);
    const question = {
      ...ABOUT_A_LOG_GROUP,
      keyArn: at(KEY_ARN),
      subject: { type: 'log-group', arn: at(LOG_GROUP_ARN) },
    } as const;

    expect(evaluate(anAllow({ Principal: { Service: service } }), question).verdict).toBe(verdict);
  });
});
