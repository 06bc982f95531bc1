import { describe, expect, it } from 'vitest';
import { optInPrincipals } from '../../../lib/domain/key-policy/principal-form.ts';
import {
  ABOUT_A_LOG_GROUP,
  aboutALogGroupIn,
  anAllow,
  codesFor,
  type Json,
  LOGS,
  problemsOf,
  ROOT,
  readFor,
} from './builders.ts';

const CHINA = aboutALogGroupIn('aws-cn', 'cn-north-1');
const GOV_CLOUD = aboutALogGroupIn('aws-us-gov', 'us-gov-west-1');
const ISO = aboutALogGroupIn('aws-iso', 'us-iso-east-1');
const EUSC = aboutALogGroupIn('aws-eusc', 'eusc-de-east-1');

describe('services that can exist', () => {
  it.each([
    'logs.amazonaws.com',
    LOGS,
    'logs.eu-west-1.amazonaws.com',
    'delivery.logs.amazonaws.com',
    'vpc-flow-logs.amazonaws.com',
    'alexa-appkit.amazon.com',
    'alexa-connectedhome.amazon.com',
    'states.us-east-1.amazonaws.com',
    'ecs-tasks.amazonaws.com',
    'cassandra.application-autoscaling.amazonaws.com',
    'custom-resource.application-autoscaling.amazonaws.com',
    'lambda.alarms.cloudwatch.amazonaws.com',
    's3.data-source.lustre.fsx.amazonaws.com',
    'member.org.stacksets.cloudformation.amazonaws.com',
    'ops.apigateway.amazonaws.com',
    'logdelivery.elasticloadbalancing.amazonaws.com',
    'logger.cloudfront.amazonaws.com',
    'replicator.lambda.amazonaws.com',
    'edgelambda.amazonaws.com',
    'a4b.amazonaws.com',
    'resource-explorer-2.amazonaws.com',
    'ec2.amazonaws.com',
    'cloudwatch.amazonaws.com',
  ])('%s', (name) => {
    expect(codesFor({ Service: name })).toEqual([]);
  });

  it.each([
    ['logs.cn-north-1.amazonaws.com.cn', CHINA],
    ['logs.amazonaws.com.cn', CHINA],
    ['ec2.amazonaws.com.cn', CHINA],
    ['cloudtrail.amazonaws.com', CHINA],
    ['logs.us-gov-west-1.amazonaws.com', GOV_CLOUD],
    ['logs.us-iso-east-1.c2s.ic.gov', ISO],
    ['ec2.c2s.ic.gov', ISO],
    ['lambda.amazonaws.com', ISO],
    ['logs.eusc-de-east-1.amazonaws.eu', EUSC],
    ['logs.eusc-de-east-1.amazonaws.com', EUSC],
  ])('%s in its partition', (name, question) => {
    expect(codesFor({ Service: name }, question)).toEqual([]);
  });

  it('the one that a person names, whatever its suffix', () => {
    const logsPrincipal = 'logs.eusc-de-east-1.example.eu';

    expect(codesFor({ Service: logsPrincipal }, EUSC)).toEqual(['SERVICE_NAME']);
    expect(codesFor({ Service: logsPrincipal }, { ...EUSC, logsPrincipal })).toEqual([]);
    expect(codesFor({ Service: 'logs.example.eu' }, { ...EUSC, logsPrincipal })).toEqual([]);
  });

  it('in a partition that no table names, any of its own suffix', () => {
    const unknown = aboutALogGroupIn('aws-new', 'xx-east-1');

    expect(codesFor({ Service: 'logs.xx-east-1.example.com' }, unknown)).toEqual([]);
    expect(codesFor({ Service: 'logs.*' }, unknown)).toEqual(['PRINCIPAL_PATTERN']);
    expect(codesFor({ Service: '' }, unknown)).toEqual(['SERVICE_NAME']);
  });
});

describe('services that cannot', () => {
  it.each([
    ['', 'service principals end in .amazonaws.com'],
    ['logs', 'service principals end in .amazonaws.com'],
    ['logs.eu-west-1', 'service principals end in .amazonaws.com'],
    ['amazonaws.com', 'service principals end in .amazonaws.com'],
    ['logs.example.com', 'service principals end in .amazonaws.com'],
    ['logs.amazonaws.com ', 'service principals end in .amazonaws.com'],
    ['arn:aws:iam::111122223333:root', 'service principals end in .amazonaws.com'],
    ['https://logs.amazonaws.com', 'characters that no service principal has'],
    ['logs us-east-1.amazonaws.com', 'characters that no service principal has'],
    ['logs..amazonaws.com', 'characters that no service principal has'],
    ['.amazonaws.com', 'characters that no service principal has'],
    ['us-east-1.logs.amazonaws.com', 'the Region must come after logs'],
    ['logs.REGION.amazonaws.com', 'logs. must be followed by a Region'],
    ['logs.us-east1.amazonaws.com', 'logs. must be followed by a Region'],
    ['logs.us-east-1a.amazonaws.com', 'logs. must be followed by a Region'],
    ['logs.us-east-1.us-east-1.amazonaws.com', 'logs. must be followed by a Region'],
    ['logs.cn-north-1.amazonaws.com.cn', '.amazonaws.com.cn is the suffix of the partition aws-cn'],
    ['logs.cn-north-1.amazonaws.com', 'cn-north-1 is a Region of the partition aws-cn'],
    ['logs.us-gov-west-1.amazonaws.com', 'us-gov-west-1 is a Region of the partition aws-us-gov'],
    ['logs.us-iso-east-1.c2s.ic.gov', '.c2s.ic.gov is the suffix of the partition aws-iso'],
  ])('%j: %s', (name, why) => {
    const [problem, ...others] = problemsOf([ROOT, anAllow({ Principal: { Service: name } })]);

    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: 'SERVICE_NAME', statement: { index: 1, sid: null } });
    expect(problem?.message).toContain(why);
    expect(problem?.fix).toMatch(
      new RegExp(`^in the 2nd statement \\(Allow, Principal .*\\), name a service principal such as ${LOGS}$`),
    );
  });

  it.each(['logs.*', 'logs.*.amazonaws.com', '*.amazonaws.com', 'logs.us-east-?.amazonaws.com'])(
    '%s has a wildcard',
    (name) => {
      expect(codesFor({ Service: name })).toEqual(['PRINCIPAL_PATTERN']);
    },
  );

  it.each([
    ['logs.us-east-1.amazonaws.com', CHINA],
    ['logs.us-east-1.amazonaws.com', GOV_CLOUD],
    ['logs.us-isob-east-1.sc2s.sgov.gov', ISO],
    ['logs.us-east-1.amazonaws.com.cn', GOV_CLOUD],
  ])('%s in another partition than its own', (name, question) => {
    expect(codesFor({ Service: name }, question)).toEqual(['SERVICE_NAME']);
  });
});

describe('service principals of Regions that must be enabled', () => {
  const optIn = (...names: string[]) => {
    const policy = readFor(
      ABOUT_A_LOG_GROUP,
      JSON.stringify({ Statement: anAllow({ Principal: { Service: names } }) }),
    );
    if (policy.status !== 'READ') throw new Error('malformed');
    return policy.statements.flatMap((statement) => optInPrincipals(statement, policy.service));
  };

  it.each(['logs.eu-central-2.amazonaws.com', 'logs.af-south-1.amazonaws.com', 'ec2.me-central-1.amazonaws.com'])(
    '%s is one, and no problem',
    (name) => {
      expect(optIn(name)).toEqual([name]);
      expect(codesFor({ Service: name })).toEqual([]);
    },
  );

  it.each([LOGS, 'logs.eu-west-1.amazonaws.com', 'logs.amazonaws.com', 'delivery.logs.amazonaws.com'])(
    '%s is none',
    (name) => {
      expect(optIn(name)).toEqual([]);
    },
  );

  it('that of the key is enabled, since the key is there', () => {
    const question = aboutALogGroupIn('aws', 'eu-central-2');
    const policy = readFor(
      question,
      JSON.stringify({
        Statement: anAllow({
          Principal: { Service: ['logs.eu-central-2.amazonaws.com', 'logs.ap-east-1.amazonaws.com'] },
        }),
      }),
    );
    const [statement] = policy.status === 'READ' ? policy.statements : [];

    expect(statement && optInPrincipals(statement, policy.service)).toEqual(['logs.ap-east-1.amazonaws.com']);
  });

  it('everybody, and identities, are none', () => {
    const read = (principal: unknown): Json => ({ Statement: anAllow({ Principal: principal }) });
    for (const principal of ['*', { AWS: '*' }, { AWS: '111122223333' }]) {
      const policy = readFor(ABOUT_A_LOG_GROUP, JSON.stringify(read(principal)));
      const [statement] = policy.status === 'READ' ? policy.statements : [];
      expect(statement && optInPrincipals(statement, policy.service)).toEqual([]);
    }
  });
});
