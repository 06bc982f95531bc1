import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTemplate } from '../../sandbox/template/template.ts';
import { changedFixture, FIXTURE } from './support.ts';

const PRODUCT = resolve(import.meta.dirname, '../../template.yaml');
const PLACE = { account: '111122223333', region: 'eu-west-1', stackName: 'logseal', url: 'http://127.0.0.1:1' };

function read(path: string, parameters: Record<string, string> = {}, place = PLACE) {
  return new Map(readTemplate(path, parameters, place).map((resource) => [resource.id, resource]));
}

/** The mistakes in a template after a change to its text. */
function mistakesIn(from: string, to: string): string {
  return mistakes(() => read(changedFixture({ [from]: to })));
}

function mistakes(attempt: () => unknown): string {
  try {
    attempt();
    return 'no mistake';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('the product’s template', () => {
  it('sets the environment of the functions', () => {
    const variables = (parameters: Record<string, string>) =>
      read(PRODUCT, parameters).get('RemediateFunction')?.properties['Environment'];
    expect(variables({})).toMatchObject({
      Variables: {
        LOGSEAL_BUS: 'logseal',
        LOGSEAL_MODE: 'Audit',
        LOGSEAL_REGIONS: 'eu-west-1',
        LOGSEAL_KEY: expect.stringMatching(/^arn:aws:kms:eu-west-1:111122223333:key\//),
      },
    });
    const parameters = { KeyId: 'alias/mine', Regions: 'eu-west-1,us-east-1', Mode: 'Enforce' };
    expect(variables(parameters)).toMatchObject({
      Variables: { LOGSEAL_MODE: 'Enforce', LOGSEAL_REGIONS: 'eu-west-1,us-east-1', LOGSEAL_KEY: 'alias/mine' },
    });
  });

  it('creates a key only without KeyId', () => {
    expect(read(PRODUCT).has('Key')).toBe(true);
    const given = read(PRODUCT, { KeyId: 'alias/mine' });
    expect(given.has('Key')).toBe(false);
    expect(given.has('KeyAlias')).toBe(false);
  });

  it.each([
    ['arn:aws:kms:eu-west-1:111122223333:key/1234', { Resource: 'arn:aws:kms:eu-west-1:111122223333:key/1234' }],
    ['alias/a/b', { Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/a/b' } } }],
    [
      'arn:aws:kms:eu-west-1:444455556666:alias/a/b',
      { Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/a/b' } } },
    ],
  ])('allows the remediate function to use the key %s', (KeyId, expected) => {
    const { Policies } = read(PRODUCT, { KeyId }).get('RemediateRole')?.properties ?? {};
    type Policy = { PolicyDocument: { Statement: { Sid: string }[] } };
    const statements = (Policies as Policy[]).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const statement = statements.find(({ Sid }) => Sid.startsWith('UseTheKey'));
    expect(statement).toMatchObject(expected);
  });

  it('uses the partition of the Region', () => {
    const china = read(PRODUCT, {}, { ...PLACE, region: 'cn-north-1' });
    expect(china.get('Bus')?.arn).toMatch(/^arn:aws-cn:events:cn-north-1:/);
    expect(china.get('ScanRole')?.arn).toBe('arn:aws-cn:iam::111122223333:role/logseal-ScanRole');
    expect(JSON.stringify(china.get('Key')?.properties)).toContain('logs.cn-north-1.amazonaws.com.cn');
  });
});

describe('parameters', () => {
  it('are refused with every mistake at once', () => {
    const wrong = {
      Mode: 'Off',
      KeyId: '1234',
      Nothing: 'x',
      LogRetentionInDays: '2',
      Regions: 'eu-west-1, us-east-1',
    };
    expect(mistakes(() => read(PRODUCT, wrong)).split('\n')).toEqual([
      "Parameter 'Nothing' does not exist in the template",
      "Parameter 'Mode' must be one of AllowedValues Audit, Enforce, got 'Off'",
      expect.stringContaining("Parameter 'KeyId' failed to satisfy constraint: must be alias/NAME"),
      expect.stringContaining("Parameter 'Regions' failed to satisfy constraint: must be Regions"),
      expect.stringContaining("Parameter 'LogRetentionInDays' must be one of AllowedValues 1, 3"),
    ]);
    expect(mistakes(() => read(FIXTURE, { Count: 'many' }))).toBe("Parameter 'Count' must be a number, got 'many'");
    expect(mistakesIn('Count: { Type: Number, Default: 1 }', 'Count: { Type: Number }')).toBe(
      "Parameter 'Count' must have a value",
    );
    expect(mistakesIn('Type: Number', 'Type: List<String>')).toContain(
      "Parameter 'Count' has the type List<String>; the sandbox knows String and Number",
    );
  });

  it('are checked by the rules', () => {
    expect(mistakes(() => read(PRODUCT, { Regions: 'us-east-1' }))).toBe(
      "Regions other than the stack's own need a KeyId, such as an alias that names a key in each of them.",
    );
    expect(mistakes(() => read(PRODUCT, { Regions: 'eu-west-1' }))).toBe('no mistake');
    expect(mistakes(() => read(FIXTURE, { Name: 'x' }))).toBe('A name needs Mode Enforce.');
  });
});

describe('a template', () => {
  it('is evaluated with every intrinsic', () => {
    const work = (parameters: Record<string, string>) => read(FIXTURE, parameters).get('Work')?.properties;
    expect(work({})?.['Environment']).toEqual({ Variables: { BUS: 'logseal', MODE: 'Audit', PART: 'b' } });
    expect(work({ Name: 'n', Mode: 'Enforce' })?.['Environment']).toMatchObject({ Variables: { NAME: 'n' } });
  });

  it.each([
    [
      '!Ref Bus, MODE',
      '!ImportValue Bus, MODE',
      'Globals.Function.Environment.Variables.BUS: Fn::ImportValue is not known',
    ],
    ['Value: !Ref Bus', 'Value: { Fn::Base64: a }', 'Outputs.BusName.Value: Fn::Base64 is not known'],
    ['AWS::StackName', 'AWS::StackId', 'Resources.Bus.Properties.Name: there is no parameter'],
    [
      'Value: !Ref Bus',
      'Value: !Ref Buss',
      'Outputs.BusName.Value: there is no parameter, pseudo parameter or resource Buss',
    ],
    ['Value: !Ref Bus', 'Value: !GetAtt Bus.Policy', 'Outputs.BusName.Value: Bus has no attribute Policy'],
    ['Value: !Ref Bus', 'Condition: Never, Value: !Ref Bus', 'there is no condition Never'],
    ['!Select [1,', '!Select [2,', 'Fn::Select finds no item 2 in ["a","b"]'],
    [
      'Type: AWS::KMS::Alias',
      'Type: AWS::S3::Bucket',
      'Resources.KeyAlias.Type: AWS::S3::Bucket is not known to the sandbox',
    ],
    ['Value: !Ref Bus', 'Value: [', 'expected YAML or JSON'],
  ])('with %s → %s is refused', (from, to, mistake) => {
    expect(mistakesIn(from, to)).toContain(mistake);
  });

  it('cannot refer to a resource whose condition does not hold', () => {
    const change = 'Type: AWS::KMS::Alias, Condition: IsNamed';
    expect(mistakesIn('Type: AWS::KMS::Alias', change)).toBe('no mistake');
    expect(mistakesIn('  Key:\n    Type', '  Key:\n    Condition: IsNamed\n    Type')).toContain(
      'KeyAlias.Properties.TargetKeyId: Key does not exist, since its condition IsNamed does not hold',
    );
  });
});
