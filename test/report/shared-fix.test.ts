import { describe, expect, it } from 'vitest';
import { toIdentity } from '../../lib/domain/caller-rights.ts';
import { OWN_PART } from '../../lib/domain/reasons.ts';
import { sharedFix, templateOf } from '../../lib/report/shared-fix.ts';
import { aKeyArn, aLogGroup } from '../support/builders.ts';

const describeKey = (resource: string) => {
  const missingRight = { action: 'kms:DescribeKey', resource };
  return {
    fix: `allow the caller kms:DescribeKey on ${resource}: ${toIdentity(missingRight)}; and wait`,
    missingRight,
  };
};
const denied = (name: string) => {
  const resource = aLogGroup(name).arn;
  return {
    fix: `remove logs:AssociateKmsKey on ${resource} from that Deny`,
    missingRight: { action: 'logs:AssociateKmsKey', resource },
  };
};
const keys = (count: number, region = 'eu-west-1') =>
  Array.from({ length: count }, (_, index) => describeKey(aKeyArn(`${index}`, { region })));

function shared(fixes: readonly ReturnType<typeof describeKey>[]): string {
  const [first = describeKey(''), ...others] = fixes;
  const fix = sharedFix(first);
  for (const other of others) fix.add(other);
  return fix.text();
}
const resourcesIn = (text: string) => JSON.parse(/\{.*?\}/.exec(text)?.[0] ?? '{}').Resource;

describe('fixes have the same template', () => {
  it('where they differ in the resource of the missing right alone', () => {
    expect(templateOf(describeKey(aKeyArn('a')))).toBe(templateOf(describeKey(aKeyArn('b'))));
    expect(templateOf(denied('/a'))).toBe(templateOf(denied('/b')));
  });

  it('where they differ in what AWS gave for each refusal, and the first one serves for all', () => {
    const ofRefusal = (id: string) => ({ fix: `ask AWS about ${id}`, [OWN_PART]: id });
    const fix = sharedFix(ofRefusal('one'));
    fix.add(ofRefusal('two'));

    expect(templateOf(ofRefusal('one'))).toBe(templateOf(ofRefusal('two')));
    expect(templateOf(ofRefusal('one'))).not.toBe(templateOf({ ...ofRefusal('two'), fix: 'ask two' }));
    expect(fix.text()).toBe(ofRefusal('one').fix);
  });

  it('but not for another right, in other words, or without a missing right', () => {
    const { fix, missingRight } = describeKey(aKeyArn('a'));
    const templates = [
      { fix, missingRight },
      { fix: fix.replaceAll('DescribeKey', 'Encrypt'), missingRight: { ...missingRight, action: 'kms:Encrypt' } },
      { fix: `${fix} (its owner must allow it)`, missingRight },
      { fix },
    ].map(templateOf);

    expect(new Set(templates).size).toBe(4);
    expect(templates.at(-1)).toBe(fix);
  });
});

describe('a shared fix', () => {
  it('of one is that fix', () => {
    const [only = describeKey('')] = keys(1);

    expect(shared([only])).toBe(only.fix);
    expect(shared([only, only])).toBe(only.fix);
    expect(shared([denied('/a')])).toBe(denied('/a').fix);
  });

  it('has one statement with every resource', () => {
    const text = shared(keys(3));

    expect(text).toMatch(
      /^allow the caller kms:DescribeKey on each resource named below: add this statement .*; and wait$/,
    );
    expect(resourcesIn(text)).toEqual(['0', '1', '2'].map((id) => aKeyArn(id)));
    expect(text.match(/arn:/g)).toHaveLength(3);
  });

  it('lists ten resources', () => {
    expect(resourcesIn(shared(keys(10)))).toHaveLength(10);
    expect(shared(keys(10))).not.toContain('wildcard');
  });

  it('has a wildcard for more than ten, and says why', () => {
    const text = shared([...keys(38), ...keys(1)]);

    expect(resourcesIn(text)).toBe(aKeyArn('*'));
    expect(text).toContain('} (a wildcard, since there are more than 10: --format json has each); and wait');
  });

  it('has a wildcard for each place', () => {
    expect(resourcesIn(shared([...keys(9), ...keys(9, 'us-east-1')]))).toEqual([
      aKeyArn('*'),
      aKeyArn('*', { region: 'us-east-1' }),
    ]);
  });

  it('for log groups has both forms of each ARN, or a wildcard that covers both', () => {
    const associate = (name: string) => {
      const missingRight = { action: 'logs:AssociateKmsKey', resource: aLogGroup(name).arn };
      return { fix: toIdentity(missingRight), missingRight };
    };
    const { arn } = aLogGroup('/a');

    expect(resourcesIn(shared([associate('/a')]))).toEqual([arn, `${arn}:*`]);
    const many = Array.from({ length: 11 }, (_, index) => associate(`/${index}`));
    expect(resourcesIn(shared(many))).toBe(aLogGroup('*').arn);
  });

  it('without a statement lists the resources themselves', () => {
    expect(shared([denied('/a'), denied('/b')])).toBe(
      `remove logs:AssociateKmsKey on ${aLogGroup('/a').arn}, ${aLogGroup('/b').arn} from that Deny`,
    );
    expect(shared(Array.from({ length: 11 }, (_, index) => denied(`/${index}`)))).toBe(
      `remove logs:AssociateKmsKey on ${aLogGroup('*').arn} (a wildcard, since there are more than 10: --format json has each) from that Deny`,
    );
  });
});
