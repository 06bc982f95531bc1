import { describe, expect, it } from 'vitest';
import { aTemplateDesk, checked, statuses } from './desk.ts';

const HEAD = 'Transform: AWS::LanguageExtensions\n';
const APPS = (parameter: string) => `${HEAD}Parameters: { Apps: ${parameter} }\n`;
const LOOP = `Resources:
  First: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /first } }
  Fn::ForEach::Groups:
    - App
    - !Ref Apps
    - 'Logs\${App}': { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: !Sub '/app/\${App}' } }
`;

describe('a loop over a parameter', () => {
  it.each([
    ['its default', "{ Type: CommaDelimitedList, Default: 'a' }", '', ['/app/a']],
    ['what is given', "{ Type: CommaDelimitedList, Default: 'a' }", '--parameter Apps=b,c', ['/app/b', '/app/c']],
    ['what is given without a default', '{ Type: CommaDelimitedList }', '--parameter Apps=b,c', ['/app/b', '/app/c']],
    ['nothing that is known', '{ Type: CommaDelimitedList }', '', []],
    ['no name in the Parameter Store', '{ Type: AWS::SSM::Parameter::Value<List<String>>, Default: a }', '', []],
  ])('has the items of %s', async (_, parameter, options, expected) => {
    const { document } = await checked(`${APPS(parameter)}${LOOP}`, options);

    expect(document.findings.map(({ name }) => name)).toEqual(['/first', ...expected]);
    expect(document.mistakes).toHaveLength(expected.length === 0 ? 1 : 0);
  });

  it('has the line of the loop', async () => {
    const { document } = await checked(`${APPS('{ Type: CommaDelimitedList }')}${LOOP}`, '--parameter Apps=b');

    expect(document.findings.map(({ line }) => line)).toEqual([4, 5]);
  });

  describe('of a nested stack', () => {
    async function names(given: string): Promise<{ names: (string | null)[]; warnings: number; mistakes: string[] }> {
      const desk = await aTemplateDesk({
        'main.yaml': `Parameters: { Open: { Type: String }, List: { Type: CommaDelimitedList, Default: 'x, y' } }
Conditions: { IsOpen: !Equals [!Ref Open, x] }
Resources:
  Nested: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: nested.yaml, Parameters: { Apps: ${given} } } }
  Last: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /last } }
`,
        'nested.yaml': `${APPS("{ Type: CommaDelimitedList, Default: 'a' }")}${LOOP}`,
      });
      const { document } = await desk.check('main.yaml');
      return {
        names: document.findings.map(({ name }) => name),
        warnings: document.warnings.length,
        mistakes: document.mistakes.map(({ file, line, message }) => `${file}:${line}: ${message}`),
      };
    }

    it.each([
      ['a text', "'b,c'", ['/app/b', '/app/c']],
      ['a list of the parent', '!Join [",", !Ref List]', ['/app/x', '/app/y']],
      ['AWS::NoValue', '!Ref AWS::NoValue', ['/app/a']],
    ])('has the items of %s', async (_, given, expected) => {
      expect(await names(given)).toEqual({ names: ['/last', '/first', ...expected], warnings: 0, mistakes: [] });
    });

    it.each([
      ['a parameter of the parent', '!Ref Open'],
      ['a condition that is open', '!If [IsOpen, b, c]'],
    ])('is not evaluated with %s', async (_, given) => {
      expect(await names(given)).toEqual({
        names: ['/last', '/first'],
        warnings: 0,
        mistakes: [expect.stringMatching(/^nested\.yaml:5: Fn::ForEach::Groups is not evaluated, since the list/)],
      });
    });

    it('says what is wrong with what the parent gives', async () => {
      const { mistakes } = await names('!If [Missing, b, c]');

      expect(mistakes).toEqual([
        'main.yaml:4: Resources.Nested.Properties.Parameters.Apps: there is no condition Missing',
      ]);
    });
  });
});

describe('a loop of conditions', () => {
  const template = `${HEAD}Parameters: { Stage: { Type: String } }
Conditions:
  Fn::ForEach::Is: [S, [Prod, Dev], { 'Is\${S}': !Equals [!Ref Stage, !Ref S] }]
Resources:
  Prod: { Type: AWS::Logs::LogGroup, Condition: IsProd }
  Dev: { Type: AWS::Logs::LogGroup, Condition: IsDev }
`;

  it.each([
    ['', ['Prod', 'Dev']],
    ['--parameter Stage=Prod', ['Prod']],
    ['--parameter Stage=Dev', ['Dev']],
  ])('makes each of them: %s', async (options, expected) => {
    expect(Object.keys(await statuses(template, options))).toEqual(expected);
  });
});

it('a loop of outputs makes each of them', async () => {
  const desk = await aTemplateDesk({
    'main.yaml': `Resources:
  Nested: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: nested.yaml } }
  Logs: { Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: !GetAtt Nested.Outputs.KeyArn } }
`,
    'nested.yaml': `${HEAD}Resources: { Key: { Type: AWS::KMS::Key } }
Outputs: { Fn::ForEach::All: [Name, [Key], { '\${Name}Arn': { Value: !GetAtt [!Ref Name, Arn] } }] }
`,
  });
  const { document } = await desk.check('main.yaml');

  expect(document.findings).toMatchObject([{ key: { id: 'Key' }, reasons: [{ code: 'KEY_POLICY_MISSING_ACTIONS' }] }]);
});
