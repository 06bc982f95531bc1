import { describe, expect, it } from 'vitest';
import { aDeny, anAllow, CONTEXT, evaluate, type Json, LOG_GROUP_ARN, LOGS } from './builders.ts';

type Truth = 'true' | 'false' | 'undocumented';
const ALLOW_UNDER: Record<Truth, string> = { true: 'ALLOWED', false: 'MISSING_ACTIONS', undocumented: 'UNCERTAIN' };
const DENY_UNDER: Record<Truth, string> = { true: 'DENIED', false: 'ALLOWED', undocumented: 'UNCERTAIN' };

/** Each condition is evaluated in an Allow that is the only statement, and in a Deny next to an Allow of everything. */
describe('the operator of a condition', () => {
  const absent = 'aws:SourceVpce';
  const unknown = 'aws:SourceIp';
  const services = 'aws:PrincipalServiceNamesList';
  const elsewhere = LOG_GROUP_ARN.replace('us-east-1', 'eu-west-1');

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
  ])('key-policy rule %s', (_rule, condition, truth) => {
    expect(evaluate(anAllow({ Condition: condition })).verdict).toBe(ALLOW_UNDER[truth]);
    expect(evaluate([anAllow(), aDeny({ Condition: condition })]).verdict).toBe(DENY_UNDER[truth]);
  });
});
