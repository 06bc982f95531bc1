import { describe, expect, it } from 'vitest';
import { ABOUT_A_LOG_GROUP, aDeny, anAllow, CONTEXT, evaluate, type Json, type Question } from './builders.ts';

type Truth = 'true' | 'false' | 'undocumented';
const ALLOW_UNDER: Record<Truth, string> = { true: 'ALLOWED', false: 'MISSING_ACTIONS', undocumented: 'UNCERTAIN' };
const DENY_UNDER: Record<Truth, string> = { true: 'DENIED', false: 'ALLOWED', undocumented: 'UNCERTAIN' };

/** Each condition is evaluated in an Allow that is the only statement, and in a Deny next to an Allow of everything. */
describe('the values of a condition', () => {
  const absent = 'aws:SourceVpce';
  const unknown = 'aws:SourceIp';

  it.each<[string, Json, Truth]>([
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
  ])('key-policy rule %s', (_rule, condition, truth) => {
    expect(evaluate(anAllow({ Condition: condition })).verdict).toBe(ALLOW_UNDER[truth]);
    expect(evaluate([anAllow(), aDeny({ Condition: condition })]).verdict).toBe(DENY_UNDER[truth]);
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
});

describe('key-policy rule 14: the conditions on an organization', () => {
  const ours: Question = { ...ABOUT_A_LOG_GROUP, orgId: 'o-a1' };
  const paths = (operator: string, ...values: string[]): Json => ({ [operator]: { 'aws:SourceOrgPaths': values } });

  it.each<[string, Json, Truth]>([
    ...['aws:SourceOrgID', 'aws:ResourceOrgID'].flatMap<[string, Json, Truth]>((key) => [
      [`${key} of the organization`, { StringEquals: { [key]: ['o-b2', 'o-a1'] } }, 'true'],
      [`${key} of another`, { StringEquals: { [key]: 'o-b2' } }, 'false'],
      [`${key}, negated`, { StringNotEquals: { [key]: 'o-a1' } }, 'false'],
      [`${key} of another, negated`, { StringNotEqualsIfExists: { [key]: 'o-b2' } }, 'true'],
      [`${key} by a pattern`, { StringLike: { [key]: 'o-a?' } }, 'true'],
      [`that ${key} is present`, { Null: { [key]: 'false' } }, 'true'],
    ]),
    ...['ForAnyValue:StringLike', 'ForAllValues:StringLike', 'StringLike'].flatMap<[string, Json, Truth]>(
      (operator) => [
        [`the whole organization under ${operator}`, paths(operator, 'o-a1/*'), 'true'],
        [`the whole organization and a unit under ${operator}`, paths(operator, 'o-a1/r-x/*', 'o-a1/*'), 'true'],
        [`a pattern of organizations under ${operator}`, paths(operator, 'o-*'), 'true'],
        [`a unit of the organization under ${operator}`, paths(operator, 'o-a1/r-x/*'), 'undocumented'],
        [`a unit anywhere in the organization under ${operator}`, paths(operator, 'o-*/ou-y/*'), 'undocumented'],
        [`another organization under ${operator}`, paths(operator, 'o-b2/*', 'o-a11/*'), 'false'],
        [`a unit of another organization under ${operator}`, paths(operator, 'o-b2/r-x/*'), 'false'],
      ],
    ),
    ['another organization, negated', paths('ForAllValues:StringNotLike', 'o-b2/*'), 'true'],
    ['the whole organization, negated', paths('ForAllValues:StringNotLike', 'o-a1/*'), 'false'],
    ['a unit of the organization, negated', paths('StringNotLike', 'o-a1/r-x/*'), 'undocumented'],
    ['one path of the organization', paths('ForAnyValue:StringEquals', 'o-a1/r-x/ou-y/'), 'undocumented'],
    ['one path of another organization', paths('ForAnyValue:StringEquals', 'o-b2/r-x/ou-y/'), 'false'],
    ['a wildcard that StringEquals takes literally', paths('ForAnyValue:StringEquals', 'o-a1/*'), 'false'],
    [
      'aws:ResourceOrgPaths of the whole organization',
      { 'ForAnyValue:StringLike': { 'aws:ResourceOrgPaths': 'o-a1/*' } },
      'true',
    ],
    // The caller's organization: a direct call by a service does not carry these keys.
    ['aws:PrincipalOrgID', { StringEquals: { 'aws:PrincipalOrgID': 'o-a1' } }, 'false'],
    ['aws:PrincipalOrgPaths', { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1/*' } }, 'false'],
  ])('%s, where the organization is known', (_what, condition, truth) => {
    expect(evaluate(anAllow({ Condition: condition }), ours).verdict).toBe(ALLOW_UNDER[truth]);
    expect(evaluate([anAllow(), aDeny({ Condition: condition })], ours).verdict).toBe(DENY_UNDER[truth]);
  });

  it('a match is allowed with a warning', () => {
    const allow = anAllow({ Condition: { StringEquals: { 'aws:SourceOrgID': 'o-a1' } } });

    expect(evaluate(allow, ours).warnings.map(({ code }) => code)).toEqual(['ORGANIZATION_CONDITION']);
  });

  it.each<[string, Json]>([
    ['aws:SourceOrgID', { StringEquals: { 'aws:SourceOrgID': 'o-a1' } }],
    ['aws:ResourceOrgID', { StringNotEquals: { 'aws:ResourceOrgID': 'o-a1' } }],
    ['aws:SourceOrgPaths', paths('ForAnyValue:StringLike', 'o-a1/*')],
    ['aws:ResourceOrgPaths', { 'ForAnyValue:StringLike': { 'aws:ResourceOrgPaths': 'o-a1/*' } }],
  ])('%s is uncertain where the organization is not known, and the words say what settles it', (key, condition) => {
    for (const orgId of [undefined, null]) {
      const { verdict, actions, warnings } = evaluate(anAllow({ Condition: condition }), { ...ours, orgId });

      expect(verdict).toBe('UNCERTAIN');
      expect(actions['kms:Encrypt']?.because).toContain(key);
      expect(actions['kms:Encrypt']?.because).toContain('--org-id o-… settles it');
      expect(warnings.map(({ message }) => message).join()).toContain('--org-id');
    }
  });
});
