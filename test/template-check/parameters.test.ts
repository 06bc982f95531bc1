import { describe, expect, it } from 'vitest';
import { aGroup, aTemplateDesk, checked, KEY } from './desk.ts';

function template(parameter: string): string {
  return `Parameters: { Place: ${parameter} }\nResources:${KEY}${aGroup('!GetAtt Key.Arn')}`;
}

describe('a parameter with AllowedValues', () => {
  it.each([
    ['{ Type: String, AllowedValues: [a, b] }', 'a'],
    ['{ Type: Number, AllowedValues: [1, 2] }', '2'],
    ['{ Type: CommaDelimitedList, AllowedValues: [a, b, c] }', 'a,c'],
  ])('%s takes %s', async (parameter, value) => {
    const { status } = await checked(template(parameter), `--parameter Place=${value}`);

    expect(status).toBe(0);
  });

  it.each([
    ['{ Type: String, AllowedValues: [a, b] }', 'x', 'expected "a" or "b", its AllowedValues, got "x"'],
    ['{ Type: CommaDelimitedList, AllowedValues: [a, b] }', 'a,x', 'expected "a" or "b", its AllowedValues, got "x"'],
  ])('%s refuses %s, as CloudFormation does', async (parameter, value, message) => {
    const { status, stderr } = await checked(template(parameter), `--parameter Place=${value}`);

    expect(status).toBe(2);
    expect(stderr).toContain(`logseal: t.yaml: --parameter Place: ${message}\n`);
  });
});

describe('a parameter whose value is no ARN', () => {
  const REF = '!Ref KeyArn';

  it.each([
    ['by --parameter', '{ Type: String }', REF, '--parameter KeyArn=alias/logs', 'alias/logs'],
    ['by its default', '{ Type: String, Default: alias/logs }', REF, '', 'alias/logs'],
    ['that is empty', "{ Type: String, Default: '' }", REF, '', 'an empty text'],
    [
      'behind a condition',
      "{ Type: String, Default: '' }",
      `!If [None, !Ref AWS::NoValue, ${REF}]`,
      '--parameter KeyArn=x',
      'x',
    ],
  ])('%s is told to be one', async (_, parameter, key, option, value) => {
    const conditions = "Conditions: { None: !Equals [!Ref KeyArn, ''] }";
    const resources = `Resources:${KEY}${aGroup(key)}`;
    const { document } = await checked(`Parameters: { KeyArn: ${parameter} }\n${conditions}\n${resources}`, option);

    expect(document.findings[0]?.reasons).toMatchObject([
      {
        code: 'KEY_NOT_AN_ARN',
        message: `the log group names its key by ${value}, where AWS takes an ARN: it is the value of the parameter KeyArn`,
        fix: 'deploy with the ARN of a key as KeyArn: --parameter KeyArn=ARN checks it',
      },
    ]);
  });

  it('of a nested stack is told to be one', async () => {
    const desk = await aTemplateDesk({
      'main.yaml':
        'Resources: { Nested: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ./nested.yaml, Parameters: { KeyArn: alias/x } } } }\n',
      'nested.yaml': `Parameters: { KeyArn: { Type: String } }\nResources:${aGroup(REF)}`,
    });
    const { document } = await desk.check('main.yaml');

    expect(document.findings[0]?.reasons).toMatchObject([
      { code: 'KEY_NOT_AN_ARN', fix: 'write the ARN of a key as KeyArn in the Parameters of Nested' },
    ]);
  });
});

it('a parameter that is given twice hides no other mistake', async () => {
  const desk = await aTemplateDesk({ 't.yaml': template('{ Type: String }') });
  const { status, stderr } = await desk.run(
    'template check t.yaml none.yaml --parameter Place=a --parameter Place=b --parameter x --region nowhere --config none',
  );

  expect(status).toBe(2);
  for (const start of [
    '--parameter: expected one value of Place',
    '--parameter: expected NAME=VALUE',
    '--region: ',
    '--config: ',
    'none.yaml',
  ])
    expect(stderr).toContain(start);
});
