import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  ABOUT_A_LOG_GROUP,
  ABOUT_QUERY_RESULTS,
  aDeny,
  anAllow,
  aPolicy,
  CONTEXT,
  evaluate,
  evaluateText,
  type Json,
  KEY_ARN,
  LOG_GROUP_ARN,
  LOGS,
} from './builders.ts';

type Truth = 'true' | 'false' | 'undocumented';
const ALLOW_UNDER: Record<Truth, string> = { true: 'ALLOWED', false: 'MISSING_ACTIONS', undocumented: 'UNCERTAIN' };
const DENY_UNDER: Record<Truth, string> = { true: 'DENIED', false: 'ALLOWED', undocumented: 'UNCERTAIN' };

/** Each condition is evaluated in an Allow that is the only statement, and in a Deny next to an Allow of everything. */
describe('conditions', () => {
  const absent = 'aws:SourceVpce';
  const unknown = 'aws:SourceIp';
  const services = 'aws:PrincipalServiceNamesList';
  const elsewhere = LOG_GROUP_ARN.replace('us-east-1', 'eu-west-1');
  const variable = `\${aws:PrincipalTag/team}`;

  it.each<[string, Json, Truth]>([
    ['4: operator in lower case', { stringequals: { 'aws:RequestedRegion': 'us-east-1' } }, 'true'],
    [
      '4: operator with a set prefix and IfExists in odd case',
      { 'fOrAllvalues:STRINGlikeIFexists': { [absent]: 'a' } },
      'true',
    ],
    ['4: key in odd case', { StringEquals: { 'AWS:requestedREGION': 'us-east-1' } }, 'true'],
    ['4: value in odd case under StringEquals', { StringEquals: { 'aws:RequestedRegion': 'US-east-1' } }, 'false'],
    [
      '4: value in odd case under StringEqualsIgnoreCase',
      { StringEqualsIgnoreCase: { 'aws:RequestedRegion': 'US-east-1' } },
      'true',
    ],
    [
      '4: value in odd case under StringNotEqualsIgnoreCase',
      { StringNotEqualsIgnoreCase: { 'aws:RequestedRegion': 'US-east-1' } },
      'false',
    ],
    ['4: value in odd case under StringLike', { StringLike: { 'aws:RequestedRegion': 'US-*' } }, 'false'],
    ['4: value in odd case under Bool', { Bool: { 'aws:SecureTransport': 'True' } }, 'true'],

    ['5: ArnEquals of the exact ARN', { ArnEquals: { [CONTEXT]: LOG_GROUP_ARN } }, 'true'],
    ['5: ArnLike of the exact ARN', { ArnLike: { [CONTEXT]: LOG_GROUP_ARN } }, 'true'],
    ['5: ArnEquals with *', { ArnEquals: { [CONTEXT]: 'arn:*:logs:*:*:*' } }, 'true'],
    [
      '5: ArnEquals with ? in the sixth part',
      { ArnEquals: { [CONTEXT]: LOG_GROUP_ARN.replace('/app/', '?app?') } },
      'true',
    ],
    ['5: ArnEquals with ? for no character', { ArnEquals: { [CONTEXT]: `${LOG_GROUP_ARN}?` } }, 'false'],
    [
      '5: ArnLike with * across the colon of the sixth part',
      { ArnLike: { [CONTEXT]: 'arn:aws:logs:us-east-1:111122223333:log*example' } },
      'true',
    ],
    ['5: ArnLike with an empty part', { ArnLike: { [CONTEXT]: 'arn:aws:logs::111122223333:log-group:*' } }, 'false'],
    ['5: ArnLike of six stars', { ArnLike: { [CONTEXT]: '*:*:*:*:*:*' } }, 'true'],
    ['5: ArnLike of seven parts that split the sixth', { ArnLike: { [CONTEXT]: '*:*:*:*:*:log-group:*' } }, 'true'],
    ['5: ArnLike of eight parts', { ArnLike: { [CONTEXT]: '*:*:*:*:*:*:*:*' } }, 'false'],
    ['5: ArnNotEquals of another Region', { ArnNotEquals: { [CONTEXT]: elsewhere } }, 'true'],
    ['5: ArnNotLike of this log group', { ArnNotLike: { [CONTEXT]: 'arn:aws:logs:*:*:log-group:/app/*' } }, 'false'],
    [
      '5: StringEquals takes ? literally',
      { StringEquals: { [CONTEXT]: LOG_GROUP_ARN.replace('/app/', '?app?') } },
      'false',
    ],
    ['5: StringNotLike with *', { StringNotLike: { [CONTEXT]: '*:log-group:/app/*' } }, 'false'],

    ...['*', '?', 'arn:*', 'arn:aws:logs:*', 'arn:aws:logs:us-east-1:*', 'arn:aws:s3:*', ''].flatMap<
      [string, Json, Truth]
    >((pattern) => [
      [`6: ArnLike ${JSON.stringify(pattern)}`, { ArnLike: { [CONTEXT]: pattern } }, 'undocumented'],
      [
        `6: ArnEqualsIfExists ${JSON.stringify(pattern)}`,
        { ArnEqualsIfExists: { [CONTEXT]: pattern } },
        'undocumented',
      ],
      [`6: ArnNotLike ${JSON.stringify(pattern)}`, { ArnNotLike: { [CONTEXT]: pattern } }, 'undocumented'],
      [
        `6: ArnLike ${JSON.stringify(pattern)} next to a full match`,
        { ArnLike: { [CONTEXT]: [pattern, LOG_GROUP_ARN] } },
        'true',
      ],
      [
        `6: ArnNotEquals ${JSON.stringify(pattern)} next to a full match`,
        { ArnNotEquals: { [CONTEXT]: [pattern, LOG_GROUP_ARN] } },
        'false',
      ],
      [
        `6: ArnLike ${JSON.stringify(pattern)} next to a full pattern of another Region`,
        { ArnLike: { [CONTEXT]: [elsewhere, pattern] } },
        'undocumented',
      ],
      [`6: ArnLike ${JSON.stringify(pattern)} on an absent key`, { ArnLike: { 'aws:PrincipalArn': pattern } }, 'false'],
    ]),
    [
      '6: a partial pattern does not matter next to a condition that fails',
      { ArnLike: { [CONTEXT]: '*' }, Bool: { 'aws:SecureTransport': 'false' } },
      'false',
    ],

    ['7: :* after the exact name', { ArnLike: { [CONTEXT]: `${LOG_GROUP_ARN}:*` } }, 'false'],
    ['7: :* after the exact name under StringLike', { StringLike: { [CONTEXT]: `${LOG_GROUP_ARN}:*` } }, 'false'],
    [
      '7: :* after a name with *',
      { ArnLike: { [CONTEXT]: 'arn:aws:logs:us-east-1:111122223333:log-group:/app/*:*' } },
      'false',
    ],
    ['7: log-group:*', { ArnLike: { [CONTEXT]: 'arn:aws:logs:us-east-1:111122223333:log-group:*' } }, 'true'],
    ['7: log-group:*:*', { ArnLike: { [CONTEXT]: 'arn:aws:logs:us-east-1:111122223333:log-group:*:*' } }, 'false'],

    // Every operator on an absent key: negated operators and IfExists are true, the others false (docs/key-policy-rules.md#rule-8).
    ...(
      [
        ['String', ['Equals', 'EqualsIgnoreCase', 'Like'], ['NotEquals', 'NotEqualsIgnoreCase', 'NotLike'], 'a'],
        ['Arn', ['Equals', 'Like'], ['NotEquals', 'NotLike'], LOG_GROUP_ARN],
        ['Numeric', ['Equals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'], ['NotEquals'], '1'],
        [
          'Date',
          ['Equals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'],
          ['NotEquals'],
          '2026-01-01',
        ],
        ['', ['Bool', 'BinaryEquals', 'IpAddress'], ['NotIpAddress'], 'true'],
      ] as const
    ).flatMap(([family, positive, negated, value]) => [
      ...positive.flatMap<[string, Json, Truth]>((name) => [
        [`8: ${family}${name} on an absent key`, { [`${family}${name}`]: { [absent]: value } }, 'false'],
        [`8: ${family}${name}IfExists on an absent key`, { [`${family}${name}IfExists`]: { [absent]: value } }, 'true'],
        [
          `8: ForAllValues:${family}${name} on an absent key`,
          { [`ForAllValues:${family}${name}`]: { [absent]: value } },
          'true',
        ],
        [
          `8: ForAnyValue:${family}${name} on an absent key`,
          { [`ForAnyValue:${family}${name}`]: { [absent]: value } },
          'false',
        ],
        [
          `8: ForAnyValue:${family}${name}IfExists on an absent key`,
          { [`ForAnyValue:${family}${name}IfExists`]: { [absent]: value } },
          'undocumented',
        ],
        [
          `14: ${family}${name} on a key whose value is not known`,
          { [`${family}${name}`]: { [unknown]: value } },
          'undocumented',
        ],
        [
          `14: ${family}${name}IfExists on a key whose value is not known`,
          { [`${family}${name}IfExists`]: { [unknown]: value } },
          'undocumented',
        ],
        [
          `14: ForAllValues:${family}${name} on a key whose value is not known`,
          { [`ForAllValues:${family}${name}`]: { [unknown]: value } },
          'undocumented',
        ],
      ]),
      ...negated.flatMap<[string, Json, Truth]>((name) => [
        [`8: ${family}${name} on an absent key`, { [`${family}${name}`]: { [absent]: value } }, 'true'],
        [`8: ${family}${name}IfExists on an absent key`, { [`${family}${name}IfExists`]: { [absent]: value } }, 'true'],
        [
          `8: ForAllValues:${family}${name} on an absent key`,
          { [`ForAllValues:${family}${name}`]: { [absent]: value } },
          'true',
        ],
        [
          `14: ${family}${name} on a key whose value is not known`,
          { [`${family}${name}`]: { [unknown]: value } },
          'undocumented',
        ],
      ]),
    ]),
    ['8: ForAllValues…IfExists on an absent key', { 'ForAllValues:StringEqualsIfExists': { [absent]: 'a' } }, 'true'],
    ['8: Null true on an absent key', { Null: { [absent]: 'true' } }, 'true'],
    ['8: Null false on an absent key', { Null: { [absent]: false } }, 'false'],
    ['8: Null true on a present key', { Null: { [CONTEXT]: true } }, 'false'],
    ['8: Null false on a present key', { Null: { [CONTEXT]: 'false' } }, 'true'],
    ['8: Null on a key whose value is not known', { Null: { [unknown]: 'true' } }, 'undocumented'],
    ['8: Null true or false', { Null: { [absent]: ['false', 'true'] } }, 'true'],
    [
      '8: Null false on a key that is present with an unknown value',
      { Null: { 'aws:PrincipalServiceName': 'false' } },
      'true',
    ],
    [
      '8: IfExists on a present key compares',
      { StringEqualsIfExists: { 'aws:RequestedRegion': 'eu-west-1' } },
      'false',
    ],
    [
      '8: negated IfExists on a present key compares',
      { StringNotEqualsIfExists: { 'aws:RequestedRegion': 'us-east-1' } },
      'false',
    ],
    [
      '8: ForAllValues on several values, all listed',
      { 'ForAllValues:StringEquals': { [services]: [LOGS, 'logs.amazonaws.com', 'x'] } },
      'true',
    ],
    ['8: ForAllValues on several values, one listed', { 'ForAllValues:StringEquals': { [services]: LOGS } }, 'false'],
    ['8: ForAnyValue on several values, one listed', { 'ForAnyValue:StringEquals': { [services]: LOGS } }, 'true'],
    [
      '8: ForAnyValue on several values, none listed',
      { 'ForAnyValue:StringLike': { [services]: 'delivery.*' } },
      'false',
    ],
    ['8: ForAllValues, negated, one listed', { 'ForAllValues:StringNotEquals': { [services]: LOGS } }, 'false'],
    ['8: ForAllValues, negated, none listed', { 'ForAllValues:StringNotLike': { [services]: 'delivery.*' } }, 'true'],
    ['8: ForAnyValue, negated, one listed', { 'ForAnyValue:StringNotEquals': { [services]: LOGS } }, 'true'],
    ['8: ForAnyValue, negated, all listed', { 'ForAnyValue:StringNotLike': { [services]: 'logs.*' } }, 'false'],
    ['8: several values without a set prefix', { StringEquals: { [services]: LOGS } }, 'false'],
    ['8: several values without a set prefix, IfExists', { StringLikeIfExists: { [services]: 'logs.*' } }, 'false'],
    [
      '8: ForAllValues on a single value',
      { 'ForAllValues:StringEquals': { 'aws:RequestedRegion': 'us-east-1' } },
      'true',
    ],
    [
      '8: ForAnyValue on a single value',
      { 'ForAnyValue:StringEquals': { 'aws:RequestedRegion': 'eu-west-1' } },
      'false',
    ],

    ['9: number for a string', { StringEquals: { 'aws:ResourceAccount': 111122223333 } }, 'true'],
    ['9: number under NumericEquals', { NumericEquals: { 'aws:EpochTime': 1795219200 } }, 'true'],
    ['9: decimal under NumericEquals', { NumericEquals: { 'aws:EpochTime': '1795219200.0' } }, 'true'],
    ['9: NumericNotEquals', { NumericNotEquals: { 'aws:EpochTime': '1795219200' } }, 'false'],
    ['9: NumericLessThan the same', { NumericLessThan: { 'aws:EpochTime': '1795219200' } }, 'false'],
    ['9: NumericLessThanEquals the same', { NumericLessThanEquals: { 'aws:EpochTime': '1795219200' } }, 'true'],
    ['9: NumericGreaterThan the same', { NumericGreaterThan: { 'aws:EpochTime': '1795219200' } }, 'false'],
    ['9: NumericGreaterThanEquals the same', { NumericGreaterThanEquals: { 'aws:EpochTime': '1795219200' } }, 'true'],
    ['9: NumericGreaterThan less', { NumericGreaterThan: { 'aws:EpochTime': 0 } }, 'true'],
    ['9: DateEquals', { DateEquals: { 'aws:CurrentTime': '2026-11-21T00:00:00Z' } }, 'true'],
    ['9: DateEquals of a day', { DateEquals: { 'aws:CurrentTime': '2026-11-21' } }, 'true'],
    ['9: DateEquals in another zone', { DateEquals: { 'aws:CurrentTime': '2026-11-21T01:00:00+01:00' } }, 'true'],
    ['9: DateEquals of seconds', { DateEquals: { 'aws:CurrentTime': 1795219200 } }, 'true'],
    ['9: DateEquals on aws:EpochTime', { DateEquals: { 'aws:EpochTime': '2026-11-21T00:00:00Z' } }, 'true'],
    ['9: DateNotEquals', { DateNotEquals: { 'aws:CurrentTime': '2026-11-21T00:00:00Z' } }, 'false'],
    ['9: DateLessThan later', { DateLessThan: { 'aws:CurrentTime': '2026-11-21T00:00:01Z' } }, 'true'],
    ['9: DateLessThanEquals earlier', { DateLessThanEquals: { 'aws:CurrentTime': '2026-11-20T23:59:59Z' } }, 'false'],
    ['9: DateGreaterThan a month', { DateGreaterThan: { 'aws:CurrentTime': '2026-11' } }, 'true'],
    ['9: DateGreaterThanEquals later', { DateGreaterThanEquals: { 'aws:CurrentTime': '2026-12-01' } }, 'false'],
    ['9: Bool of a JSON boolean', { Bool: { 'aws:PrincipalIsAWSService': true } }, 'true'],
    ['9: Bool false', { Bool: { 'aws:PrincipalIsAWSService': false } }, 'false'],
    ['9: values OR', { StringEquals: { 'aws:RequestedRegion': ['eu-west-1', 'us-east-1'] } }, 'true'],
    ['9: negated values NOR', { StringNotEquals: { 'aws:RequestedRegion': ['eu-west-1', 'us-east-1'] } }, 'false'],
    ['9: negated values NOR, none matches', { StringNotLike: { 'aws:RequestedRegion': ['eu-*', 'ap-*'] } }, 'true'],
    ['9: keys AND', { StringEquals: { 'aws:RequestedRegion': 'us-east-1', 'aws:ResourceAccount': '0' } }, 'false'],
    [
      '9: operators AND',
      { StringEquals: { 'aws:RequestedRegion': 'us-east-1' }, Null: { [CONTEXT]: 'true' } },
      'false',
    ],
    ['9: an empty Condition', {}, 'true'],
    ['9: an operator without keys', { StringEquals: {} }, 'true'],
    ...[
      'StringEquals',
      'StringLike',
      'ArnLike',
      'NumericEquals',
      'DateLessThan',
      'Bool',
      'IpAddress',
      'BinaryEquals',
      'ForAllValues:StringEquals',
      'ForAnyValue:StringEquals',
      'StringEqualsIfExists',
      'Null',
    ].map<[string, Json, Truth]>((operator) => [
      `9: ${operator} of an empty list on a present key`,
      { [operator]: { 'aws:RequestedRegion': [] } },
      'false',
    ]),
    ...['StringNotEquals', 'StringNotLike', 'ArnNotLike', 'NumericNotEquals', 'DateNotEquals', 'NotIpAddress'].map<
      [string, Json, Truth]
    >((operator) => [
      `9: ${operator} of an empty list on a present key`,
      { [operator]: { 'aws:RequestedRegion': [] } },
      'true',
    ]),
    ['9: an empty list on a key whose value is not known', { IpAddress: { [unknown]: [] } }, 'false'],
    ['9: a negated empty list on a key whose value is not known', { NotIpAddress: { [unknown]: [] } }, 'true'],
    ['9: text that is not a number', { NumericLessThan: { 'aws:EpochTime': 'tomorrow' } }, 'false'],
    ['9: text that is not a number, negated', { NumericNotEquals: { 'aws:EpochTime': 'tomorrow' } }, 'true'],
    ['9: a hexadecimal number is not accepted', { NumericEquals: { 'aws:EpochTime': '0x6B00DB00' } }, 'false'],
    ['9: an empty text is not a number', { NumericGreaterThan: { 'aws:EpochTime': '' } }, 'false'],
    ['9: a key that is not a number', { NumericGreaterThan: { 'aws:RequestedRegion': 0 } }, 'false'],
    ['9: text that is not a date', { DateGreaterThan: { 'aws:CurrentTime': 'yesterday' } }, 'false'],
    ['9: a thirteenth month, negated', { DateNotEquals: { 'aws:CurrentTime': '2026-13-01' } }, 'true'],
    ['9: text that is not a boolean', { Bool: { 'aws:SecureTransport': 'yes' } }, 'false'],
    ['9: a key that is not a boolean', { Bool: { 'aws:RequestedRegion': 'us-east-1' } }, 'false'],
    ['9: a key that is not an ARN', { ArnLike: { 'aws:ResourceAccount': '*:*:*:*:*:*' } }, 'false'],
    ['9: a key that is not an ARN, negated', { ArnNotLike: { 'aws:ResourceAccount': '*:*:*:*:*:*' } }, 'true'],
    ['9: a key that is not an IP address, negated', { NotIpAddress: { 'aws:RequestedRegion': '0.0.0.0/0' } }, 'true'],
    ['9: Null with text that is not a boolean', { Null: { [absent]: 'yes' } }, 'false'],

    ...[
      'aws:PrincipalOrgID',
      'aws:PrincipalAccount',
      'aws:PrincipalArn',
      'kms:ViaService',
      'aws:SourceVpc',
      'aws:SourceVpce',
      'aws:PrincipalTag/team',
      'aws:userid',
      'kms:EncryptionContext',
      'kms:EncryptionContext:other',
      'kms:GrantIsForAWSResource',
      'no-such-key',
      '__proto__',
      'constructor',
      '',
    ].map<[string, Json, Truth]>((key) => [
      `14: ${JSON.stringify(key)} is absent`,
      JSON.parse(`{"Null":{${JSON.stringify(key)}:"true"}}`),
      'true',
    ]),
    ...[
      'aws:SourceIp',
      'aws:UserAgent',
      'aws:Referer',
      'aws:SourceOrgID',
      'aws:SourceOrgPaths',
      'aws:ResourceOrgID',
      'aws:ResourceOrgPaths',
      'aws:ResourceTag/team',
      'kms:KeySpec',
      'kms:KeyUsage',
      'kms:KeyOrigin',
      'kms:MultiRegion',
      'kms:MultiRegionKeyType',
      'kms:PrimaryRegion',
      'kms:ResourceAliases',
      'kms:RequestAlias',
      'kms:EncryptionAlgorithm',
      'kms:CallerAccount',
    ].flatMap<[string, Json, Truth]>((key) => [
      [`14: Null of ${key}`, { Null: { [key]: 'false' } }, 'undocumented'],
      [`14: ${key} under StringEquals`, { StringEquals: { [key]: 'a' } }, 'undocumented'],
      [`14: ${key} under StringNotEquals`, { StringNotEquals: { [key]: 'a' } }, 'undocumented'],
    ]),
    ...[
      'aws:SecureTransport',
      'aws:CurrentTime',
      'aws:EpochTime',
      'aws:RequestedRegion',
      'aws:ViaAWSService',
      'aws:ResourceAccount',
      'kms:EncryptionContextKeys',
      'aws:PrincipalServiceNamesList',
      'aws:PrincipalIsAWSService',
      'aws:PrincipalServiceName',
      CONTEXT,
    ].map<[string, Json, Truth]>((key) => [`14: ${key} is present`, { Null: { [key]: 'false' } }, 'true']),
    ['14: aws:ViaAWSService is false', { Bool: { 'aws:ViaAWSService': 'false' } }, 'true'],
    [
      '14: the context has the key aws:logs:arn',
      { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': 'aws:logs:arn' } },
      'true',
    ],
    ['14: aws:PrincipalServiceName, regional', { StringEquals: { 'aws:PrincipalServiceName': LOGS } }, 'undocumented'],
    [
      '14: aws:PrincipalServiceName, global, negated',
      { StringNotEquals: { 'aws:PrincipalServiceName': 'logs.amazonaws.com' } },
      'undocumented',
    ],
    [
      '14: aws:PrincipalServiceName, both',
      { StringEquals: { 'aws:PrincipalServiceName': ['logs.amazonaws.com', LOGS] } },
      'true',
    ],
    [
      '14: aws:PrincipalServiceName, a pattern of both',
      { StringLike: { 'aws:PrincipalServiceName': 'logs.*amazonaws.com' } },
      'true',
    ],
    [
      '14: aws:PrincipalServiceName, neither',
      { StringEquals: { 'aws:PrincipalServiceName': 'delivery.logs.amazonaws.com' } },
      'false',
    ],
    [
      '14: an unknown key next to a condition that fails',
      { IpAddress: { [unknown]: '0.0.0.0/0' }, StringEquals: { [absent]: 'a' } },
      'false',
    ],

    ['15: aws:SourceArn', { ArnEquals: { 'aws:SourceArn': LOG_GROUP_ARN } }, 'true'],
    ['15: aws:SourceArn with :*', { ArnEquals: { 'aws:SourceArn': `${LOG_GROUP_ARN}:*` } }, 'false'],
    [
      '15: aws:SourceArn of query results',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:111122223333:query-result:*' } },
      'false',
    ],
    ['15: aws:SourceAccount', { StringEquals: { 'aws:SourceAccount': '111122223333' } }, 'true'],
    ['15: aws:SourceAccount of another', { StringEquals: { 'aws:SourceAccount': '444455556666' } }, 'false'],

    [
      '19: a variable under StringEquals',
      { StringEquals: { 'aws:ResourceAccount': `\${aws:PrincipalAccount}` } },
      'undocumented',
    ],
    ['19: a variable under StringNotEquals', { StringNotEquals: { 'aws:ResourceAccount': variable } }, 'undocumented'],
    [
      '19: a variable under ArnLike',
      { ArnLike: { [CONTEXT]: `arn:aws:logs:us-east-1:111122223333:log-group:${variable}` } },
      'undocumented',
    ],
    [
      '19: a variable under ForAnyValue',
      { 'ForAnyValue:StringLike': { 'aws:RequestedRegion': `${variable}*` } },
      'undocumented',
    ],
    // IAM User Guide, "Boolean condition operators": policy variables are supported.
    ['19: a variable under Bool', { Bool: { 'aws:SecureTransport': variable } }, 'undocumented'],
    ['19: a variable under NumericEquals', { NumericEquals: { 'aws:EpochTime': variable } }, 'undocumented'],
    ['19: a variable under IpAddress', { IpAddress: { 'aws:RequestedRegion': variable } }, 'undocumented'],
    ['19: a variable under Null', { Null: { [absent]: variable } }, 'undocumented'],
    ['19: a variable next to a match', { StringEquals: { 'aws:RequestedRegion': [variable, 'us-east-1'] } }, 'true'],
    [
      '19: a variable next to a match, negated',
      { StringNotEquals: { 'aws:RequestedRegion': [variable, 'us-east-1'] } },
      'false',
    ],
    ['19: a variable on an absent key', { StringEquals: { [absent]: variable } }, 'false'],
    ['19: a negated variable on an absent key', { StringNotEquals: { [absent]: variable } }, 'true'],
    ['19: a dollar without a brace', { StringEquals: { 'aws:RequestedRegion': '$us-east-1' } }, 'false'],
  ])('key-policy rule %s', (_rule, condition, truth) => {
    expect(evaluate(anAllow({ Condition: condition })).verdict).toBe(ALLOW_UNDER[truth]);
    expect(evaluate([anAllow(), aDeny({ Condition: condition })]).verdict).toBe(DENY_UNDER[truth]);
  });

  it.each<[string, Json, Truth]>([
    [
      '15: aws:SourceArn as documented',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:111122223333:query-result:*' } },
      'true',
    ],
    [
      '15: aws:SourceArn of the account',
      { ArnEquals: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:111122223333:*' } },
      'true',
    ],
    [
      '15: aws:SourceArn of another Region',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:eu-west-1:111122223333:query-result:*' } },
      'false',
    ],
    [
      '15: aws:SourceArn of log groups',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:111122223333:log-group:*' } },
      'false',
    ],
    ['15: aws:SourceAccount', { StringEquals: { 'aws:SourceAccount': '111122223333' } }, 'true'],
    ['15: the context of a log group', { ArnLike: { [CONTEXT]: LOG_GROUP_ARN } }, 'false'],
    // AWS does not document whether these calls carry a context.
    ['15: that there is a context', { Null: { [CONTEXT]: 'false' } }, 'undocumented'],
    ['15: any context', { StringLike: { [CONTEXT]: '*' } }, 'undocumented'],
  ])('key-policy rule %s, for query results', (_rule, condition, truth) => {
    expect(evaluate(anAllow({ Condition: condition }), ABOUT_QUERY_RESULTS).verdict).toBe(ALLOW_UNDER[truth]);
    expect(evaluate([anAllow(), aDeny({ Condition: condition })], ABOUT_QUERY_RESULTS).verdict).toBe(DENY_UNDER[truth]);
  });

  it.each([undefined, '2008-10-17'])(`key-policy rule 19: \${…} is literal under Version %s`, (version) => {
    const condition = { StringLike: { 'aws:RequestedRegion': `\${aws:x}` } };

    const verdicts = [anAllow({ Condition: condition }), anAllow({ Resource: `\${aws:x}` })].map(
      (statement) => evaluateText(JSON.stringify({ Version: version, Statement: statement })).verdict,
    );

    expect(verdicts).toEqual(['MISSING_ACTIONS', 'MISSING_ACTIONS']);
  });

  it.each([
    ['a date that only JavaScript accepts', '2026-01-01 (early)'],
    ['a date with a space, which JavaScript reads in local time', '2026-11-21 12:00:00'],
    ['a day that does not exist', '2026-02-30'],
  ])('key-policy rule 9: %s cannot be compared', (_title, value) => {
    expect(evaluate(anAllow({ Condition: { DateGreaterThan: { 'aws:CurrentTime': value } } })).verdict).toBe(
      'MISSING_ACTIONS',
    );
    expect(evaluate(anAllow({ Condition: { DateLessThan: { 'aws:CurrentTime': value } } })).verdict).toBe(
      'MISSING_ACTIONS',
    );
  });

  it('key-policy rule 14: in an Allow to {"AWS": "*"} kms:CallerAccount counts as absent', () => {
    const idiom = (condition: Json) => evaluate(anAllow({ Principal: { AWS: '*' }, Condition: condition })).verdict;

    expect(idiom({ StringEquals: { 'kms:CallerAccount': '111122223333' } })).toBe('MISSING_ACTIONS');
    expect(idiom({ StringNotEquals: { 'kms:CallerAccount': '111122223333' } })).toBe('UNCERTAIN');
    expect(idiom({ Null: { 'kms:callerACCOUNT': 'true' } })).toBe('UNCERTAIN');
    expect(idiom({ Null: { 'kms:CallerAccount': 'false' } })).toBe('MISSING_ACTIONS');
  });
});

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

describe('actions and resources', () => {
  it.each<[string, Json, string, string]>([
    ['16: the ARN of the key', { Resource: KEY_ARN }, 'ALLOWED', 'DENIED'],
    ['16: a pattern over colons', { Resource: 'arn:*' }, 'ALLOWED', 'DENIED'],
    ['16: a pattern with ?', { Resource: KEY_ARN.replace('1234abcd', '????????') }, 'ALLOWED', 'DENIED'],
    ['16: one of several', { Resource: ['arn:aws:s3:::b', KEY_ARN] }, 'ALLOWED', 'DENIED'],
    ['16: another key', { Resource: `${KEY_ARN}0` }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: another account', { Resource: 'arn:aws:kms:us-east-1:444455556666:key/*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: an alias', { Resource: 'arn:aws:kms:us-east-1:111122223333:alias/*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: the ARN in another letter case', { Resource: KEY_ARN.toUpperCase() }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: missing Resource', { Resource: undefined }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: empty Resource list', { Resource: [] }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: empty Resource text', { Resource: '' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: missing Action', { Action: undefined }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: empty Action list', { Action: [] }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['16: empty Action text', { Action: '' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['13: NotResource of another key', { Resource: undefined, NotResource: `${KEY_ARN}0` }, 'ALLOWED', 'DENIED'],
    ['13: NotResource of this key', { Resource: undefined, NotResource: [KEY_ARN] }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['13: NotResource of "*"', { Resource: undefined, NotResource: '*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['13: NotAction of another service', { Action: undefined, NotAction: 'iam:*' }, 'ALLOWED', 'DENIED'],
    ['13: NotAction of everything', { Action: undefined, NotAction: ['KMS:*'] }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['13: empty NotAction list', { Action: undefined, NotAction: [] }, 'UNCERTAIN', 'UNCERTAIN'],
    ['13: empty NotResource list', { Resource: undefined, NotResource: [] }, 'UNCERTAIN', 'UNCERTAIN'],
    ['17: *', { Action: '*' }, 'ALLOWED', 'DENIED'],
    ['17: upper case', { Action: 'KMS:*' }, 'ALLOWED', 'DENIED'],
    ['17: another service', { Action: 's3:*' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['17: without the prefix', { Action: ['Encrypt', 'Decrypt'] }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['17: ReEncrypt without *', { Action: 'kms:ReEncrypt' }, 'MISSING_ACTIONS', 'ALLOWED'],
    ['19: a variable in Resource', { Resource: `arn:aws:kms:us-east-1:\${aws:x}:key/*` }, 'UNCERTAIN', 'UNCERTAIN'],
    ['19: a variable in NotResource', { Resource: undefined, NotResource: `\${aws:x}` }, 'UNCERTAIN', 'UNCERTAIN'],
    ['19: a variable next to "*"', { Resource: [`\${aws:x}`, '*'] }, 'ALLOWED', 'DENIED'],
  ])('key-policy rule %s', (_rule, elements, inAllow, inDeny) => {
    expect(evaluate(anAllow(elements)).verdict).toBe(inAllow);
    expect(evaluate([anAllow(), aDeny(elements)]).verdict).toBe(inDeny);
  });

  it.each([
    ['17: kms:ReEncrypt* is From and To', 'kms:ReEncrypt*', ['kms:ReEncryptFrom', 'kms:ReEncryptTo']],
    ['17: kms:GenerateDataKey is itself alone', 'kms:GenerateDataKey', ['kms:GenerateDataKey']],
    ['17: ? is exactly one character', 'kms:?ncrypt', ['kms:Encrypt']],
    ['17: * may be empty', 'kms:Decrypt*', ['kms:Decrypt']],
    ['17: kms:*Encrypt*', 'kms:*Encrypt*', ['kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo']],
  ])('key-policy rule %s', (_rule, action, allowed) => {
    const { actions } = evaluate(anAllow({ Action: action }));

    expect(Object.keys(actions).filter((name) => actions[name as keyof typeof actions]?.effect === 'ALLOW')).toEqual(
      allowed,
    );
  });
});

describe('key-policy rule 19: a policy is malformed', () => {
  const statement = anAllow();

  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', 'Version: 2012-10-17'],
    ['JSON with a comment', `/* */ ${aPolicy(statement)}`],
    ['JSON cut off', aPolicy(statement).slice(0, -1)],
    ['two documents', aPolicy(statement).repeat(2)],
    ...[null, true, 1, 'text', [], [statement]].map<[string, string]>((value) => [
      `the document ${JSON.stringify(value)}`,
      JSON.stringify(value),
    ]),
    ['no Statement', '{"Version":"2012-10-17"}'],
    ['statement in lower case', JSON.stringify({ statement })],
    ...[[], null, 'x', 1, true, [null], [[statement]], ['x'], {}].map<[string, string]>((value) => [
      `the Statement ${JSON.stringify(value)}`,
      aPolicy(value),
    ]),
    ...[2012, '2012-10-18', '', null, ['2012-10-17'], {}].map<[string, string]>((version) => [
      `the Version ${JSON.stringify(version)}`,
      aPolicy(statement, version),
    ]),
    ['an Id that is not a string', JSON.stringify({ Id: 1, Statement: statement })],
    ...Object.entries<readonly unknown[]>({
      Effect: [undefined, null, 'allow', 'ALLOW', 'Allow ', '', ['Allow'], true],
      Sid: [1, null, ['a'], {}],
      Principal: [
        undefined,
        null,
        '',
        LOGS,
        'arn:aws:iam::111122223333:root',
        [],
        ['*'],
        {},
        1,
        true,
        { Services: LOGS },
        { service: LOGS },
        { '*': '*' },
        { Service: null },
        { Service: 1 },
        { Service: {} },
        { Service: [LOGS, 1] },
        { Service: [[LOGS]] },
        { Service: LOGS, Role: 'x' },
      ],
      Action: [null, 1, true, {}, [1], ['kms:*', null], [['kms:*']]],
      Resource: [null, 1, false, {}, [{}], ['*', null]],
      NotAction: ['kms:*', []],
      NotResource: ['*'],
      NotPrincipal: ['*', { AWS: '*' }],
      Condition: [
        null,
        'x',
        1,
        [],
        [{}],
        { StringEquals: 'x' },
        { StringEquals: null },
        { StringEquals: [] },
        { StringEquals: { a: null } },
        { StringEquals: { a: {} } },
        { StringEquals: { a: [['x']] } },
        { StringEquals: { a: ['x', null] } },
      ],
    }).flatMap(([name, values]) =>
      values.map<[string, string]>((value) => [
        `the ${name} ${JSON.stringify(value)}`,
        aPolicy([statement, anAllow({ [name]: value })]),
      ]),
    ),
    ['a Deny without a principal', aPolicy([statement, aDeny({ Principal: undefined, Action: 'kms:PutKeyPolicy' })])],
    ...[
      '',
      'Equals',
      'StringEqual',
      'StringEquals ',
      'StringEquals\n',
      'ForSomeValues:StringEquals',
      'ForAllValues:',
      'ForAllValues:ForAnyValue:StringEquals',
      'IfExists',
      'StringEqualsIfExistsIfExists',
      'StringEqualsIfExist',
      'NullIfExists',
      'BoolNotEquals',
      'ArnNotMatches',
      'constructor',
      'toString',
    ].map<[string, string]>((operator) => [
      `4: the operator ${JSON.stringify(operator)}`,
      aPolicy([statement, anAllow({ Condition: { [operator]: { a: 'x' } } })]),
    ]),
    [
      '4: the operator "__proto__"',
      aPolicy(statement).replace('"Effect"', '"Condition":{"__proto__":{"a":"x"}},"Effect"'),
    ],
  ])('%s', (_what, text) => {
    const { verdict, missingActions, denyingStatement, repair, warnings } = evaluateText(text);

    expect({ verdict, missingActions, denyingStatement, repair }).toEqual({
      verdict: 'MALFORMED',
      missingActions: [],
      denyingStatement: null,
      repair: null,
    });
    expect(warnings.map(({ code }) => code)).toContain('MALFORMED_POLICY');
  });

  it('and every mistake is reported with its place', () => {
    const broken = {
      Effect: 'allow',
      Principal: { Services: 7 },
      Action: 1,
      NotAction: 'a',
      Condition: { ArnLik: { k: {} } },
    };

    const { warnings } = evaluateText(
      JSON.stringify({ Version: '2012', Id: 1, Statement: [statement, broken, 'text', { ...broken, Condition: [] }] }),
    );

    expect(warnings[0]?.message.replace('AWS would refuse this policy: ', '').split('; ')).toEqual([
      'Version is "2012", expected "2012-10-17" or "2008-10-17"',
      'Id is 1, expected a string',
      'Statement[1].Effect is "allow", expected "Allow" or "Deny"',
      'Statement[1].Principal has the key "Services", expected one of AWS, Service, Federated, CanonicalUser',
      'Statement[1].Principal.Services is 7, expected a string or a list of strings',
      'Statement[1] has both Action and NotAction',
      'Statement[1].Action is 1, expected a string or a list of strings',
      'Statement[1].Condition has the operator "ArnLik", which does not exist',
      'Statement[1].Condition.ArnLik.k is {}, expected a string, number or boolean, or a list of them',
      'Statement[2] is not an object',
      'Statement[3].Effect is "allow", expected "Allow" or "Deny"',
      'Statement[3].Principal has the key "Services", expected one of AWS, Service, Federated, CanonicalUser',
      'Statement[3].Principal.Services is 7, expected a string or a list of strings',
      'Statement[3] has both Action and NotAction',
      'Statement[3].Action is 1, expected a string or a list of strings',
      'Statement[3].Condition is not an object',
    ]);
  });

  it.each<[string, string]>([
    ['no Version', JSON.stringify({ Statement: [statement] })],
    ['Version 2008-10-17', aPolicy([statement], '2008-10-17')],
    ['a scalar Statement', aPolicy(statement)],
    ['lists of one', aPolicy([anAllow({ Principal: { Service: [LOGS] }, Action: ['kms:*'], Resource: ['*'] })])],
    ['an empty Sid', aPolicy(anAllow({ Sid: '' }))],
    ['one Sid twice', aPolicy([anAllow({ Sid: 'A' }), anAllow({ Sid: 'A' })])],
    ['unknown fields', JSON.stringify({ Statement: anAllow({ effect: 1, comment: null }), Tags: [null] })],
    ['white space around', ` \n\t${aPolicy(statement)}\r\n`],
    ['escapes', aPolicy(statement).replace('Allow', '\\u0041llow')],
    ['a field called __proto__', aPolicy(statement).replace('{', '{"__proto__":{"Statement":[]},')],
    [
      'two Versions of which the last is valid',
      '{"Version":"x","Version":"2012-10-17",'.concat(
        aPolicy(statement).slice(1).replace('"Version":"2012-10-17",', ''),
      ),
    ],
  ])('but not for %s', (_what, text) => {
    expect(evaluateText(text).verdict).toBe('ALLOWED');
  });
});

describe('the verdict', () => {
  it('names the Deny with the lowest index over all required actions', () => {
    const { denyingStatement, actions } = evaluate([
      aDeny({ Action: 'kms:DescribeKey' }),
      aDeny({ Action: 'kms:GenerateDataKey', Sid: 'B' }),
      aDeny({ Action: 'kms:Encrypt' }),
    ]);

    expect(denyingStatement).toBe(1);
    expect(actions['kms:Encrypt']?.statement).toEqual({ index: 2, sid: null });
    expect(actions['kms:GenerateDataKey']?.statement).toEqual({ index: 1, sid: 'B' });
    expect(actions['kms:DescribeKey']?.statement?.index).toBe(0);
  });

  it('does not name a Deny that only may apply', () => {
    const mayFire = aDeny({ Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } });

    expect(evaluate([mayFire, anAllow(), aDeny()]).denyingStatement).toBe(2);
  });

  it.each([
    ['GLOBAL_SERVICE_PRINCIPAL', { Principal: { Service: 'logs.amazonaws.com' } }],
    ['SOURCE_CONDITION', { Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } }],
    ['SOURCE_CONDITION', { Condition: { ArnLike: { 'AWS:sourcearn': LOG_GROUP_ARN } } }],
  ])('is ALLOWED with the warning %s', (code, elements) => {
    const { verdict, warnings } = evaluate(anAllow(elements));

    expect(verdict).toBe('ALLOWED');
    expect(warnings.map((warning) => warning.code)).toEqual([code]);
  });

  it('has no warning about aws:SourceArn and aws:SourceAccount for query results', () => {
    const condition = { StringEquals: { 'aws:SourceAccount': '111122223333' } };

    expect(evaluate(anAllow({ Condition: condition }), ABOUT_QUERY_RESULTS).warnings).toEqual([]);
  });

  it('has the warning UNDOCUMENTED_RULE under UNCERTAIN (key-policy rule 6)', () => {
    const { warnings } = evaluate(anAllow({ Condition: { ArnLike: { [CONTEXT]: '*' } } }));

    expect(warnings.map(({ code }) => code)).toContain('UNDOCUMENTED_RULE');
  });

  it('is ALLOWED without a warning where AWS documents everything', () => {
    expect(evaluate(anAllow()).warnings).toEqual([]);
  });

  it.each([
    ['the global name next to a statement with the regional name', { Principal: { Service: 'logs.amazonaws.com' } }],
    [
      'aws:SourceAccount next to a statement without conditions',
      { Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } } },
    ],
  ])('has no warning about %s, in any order', (_title, elements) => {
    const documented = anAllow();
    const inTheField = anAllow(elements);

    expect(evaluate([documented, inTheField]).warnings).toEqual([]);
    expect(evaluate([inTheField, documented]).warnings).toEqual([]);
  });

  it('offers no repair if a statement with the Sid of logseal is a Deny', () => {
    const { verdict, repair } = evaluate(aDeny({ Sid: 'LogsealLogGroups' }));

    expect(verdict).toBe('DENIED');
    expect(repair).toBeNull();
  });

  it('parses a number of any length without backtracking', () => {
    // In a process that can be killed: with backtracking, 100,000 digits would take about ten minutes.
    const builders = new URL('./builders.ts', import.meta.url).href;
    const script = `
      import { evaluateText } from ${JSON.stringify(builders)};
      const text = ${JSON.stringify(aPolicy(anAllow({ Condition: { NumericEquals: { 'aws:EpochTime': 'DIGITS' } } })))};
      process.stdout.write(evaluateText(text.replace('DIGITS', '1'.repeat(100_000) + 'x')).verdict);
    `;

    const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 4000,
      killSignal: 'SIGKILL',
    });

    expect({ stdout, signal }).toEqual({ stdout: 'MISSING_ACTIONS', signal: null });
  });
});
