import { describe, expect, it } from 'vitest';
import { aTemplateDesk, KEY } from './desk.ts';

const API = '  Api: { Type: AWS::Lambda::Function, Properties: { FunctionName: api } }\n';
const LOGS = `${KEY}  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /aws/lambda/api, KmsKeyId: !GetAtt Key.Arn } }
`;
const nested = (more = '') =>
  `  Nested: { Type: AWS::CloudFormation::Stack, ${more}Properties: { TemplateURL: ./nested.yaml } }\n`;
const CONDITION = `Parameters: { Stage: { Type: String } }\nConditions: { IsProd: !Equals [!Ref Stage, prod] }\n`;

async function codes(parent: string, child: string, options = ''): Promise<[string, string][]> {
  const desk = await aTemplateDesk({ 'main.yaml': parent, 'nested.yaml': child });
  const { document } = await desk.check(`main.yaml ${options}`);
  return document.findings.map(({ id, status, reasons }) => [
    id,
    [status, ...reasons.map(({ code }) => code)].join(' '),
  ]);
}

describe('a nested stack', () => {
  it.each([
    ['the parent', `Resources:${LOGS}${nested()}`, `Resources:\n${API}`],
    ['the nested stack', `Resources:\n${API}${nested()}`, `Resources:${LOGS}`],
  ])(
    'and its parent are one deployment: %s declares the log group of the function in the other',
    async (_, parent, child) => {
      expect(await codes(parent, child)).toEqual([['Logs', 'COMPLIANT']]);
    },
  );

  it.each([
    ['', 'UNKNOWN KEY_UNDETERMINED'],
    ['--parameter Stage=dev', 'NON_COMPLIANT IMPLICIT_LOG_GROUP'],
  ])(
    'that is not always there may leave the function of the parent without its log group (%s)',
    async (option, expected) => {
      const parent = `${CONDITION}Resources:\n${API}${nested('Condition: IsProd, ')}`;

      expect(Object.fromEntries(await codes(parent, `Resources:${LOGS}`, option))['Api']).toBe(expected);
    },
  );

  const optional = `Parameters: { KeyArn: { Type: String, Default: '' } }
Conditions: { HasKey: !Not [!Equals [!Ref KeyArn, '']], HasOther: !Not [!Equals [!Ref KeyArn, none]] }
Resources:
  Logs: { Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: !If [HasKey, !If [HasOther, !Ref KeyArn, !Ref AWS::NoValue], !Ref AWS::NoValue] } }
`;

  it.each([
    ['the ARN of a key, which is never empty', '!GetAtt Key.Arn', 'COMPLIANT'],
    ['what a custom resource returns, which may be empty', '!GetAtt Custom.Arn', 'UNKNOWN KEY_UNDETERMINED'],
  ])('gets %s', async (_, key, expected) => {
    const parent = `Resources:${KEY}  Custom: { Type: Custom::Key }
${nested().replace('./nested.yaml', `./nested.yaml, Parameters: { KeyArn: ${key} }`)}`;

    expect(await codes(parent, optional)).toEqual([['Logs', expected]]);
  });

  it('without a key is told where its parameter is given', async () => {
    const child = optional.replace('!If [HasOther, !Ref KeyArn, !Ref AWS::NoValue]', '!Ref KeyArn');
    const desk = await aTemplateDesk({ 'main.yaml': `Resources:\n${nested()}`, 'nested.yaml': child });
    const { document } = await desk.check('main.yaml');

    expect(document.findings[0]?.reasons).toMatchObject([
      { code: 'NO_KEY', fix: 'write the ARN of a key as KeyArn in the Parameters of Nested' },
    ]);
  });

  it('gets no value where its parameter is given AWS::NoValue, so that the default counts', async () => {
    const parent = `Conditions: { HasKey: !Equals [a, b] }\nResources:
${nested().replace('./nested.yaml', './nested.yaml, Parameters: { KeyArn: !If [HasKey, x, !Ref AWS::NoValue] }')}`;

    expect(await codes(parent, optional)).toEqual([['Logs', 'NON_COMPLIANT NO_KEY']]);
    expect(await codes(parent, optional.replace("Default: ''", 'Default: alias/x'))).toEqual([
      ['Logs', 'NON_COMPLIANT KEY_NOT_AN_ARN'],
    ]);
  });

  it.each([
    ['prod', 'NON_COMPLIANT KEY_NOT_AN_ARN'],
    ['dev', 'NON_COMPLIANT NO_KEY'],
  ])('gets the parameters of one branch of Fn::If: %s', async (stage, expected) => {
    const given = '!If [IsProd, { KeyArn: alias/x }, !Ref AWS::NoValue]';
    const parent = `${CONDITION}Resources:
${nested().replace('./nested.yaml', `./nested.yaml, Parameters: ${given}`)}`;

    expect(await codes(parent, optional, `--parameter Stage=${stage}`)).toEqual([['Logs', expected]]);
  });

  it('in another encoding is a mistake that says so', async () => {
    const desk = await aTemplateDesk({ 'main.yaml': `Resources:\n${nested()}${API}` });
    await desk.write('nested.yaml', Buffer.from(`# caf\u00e9\nResources:\n${API}`, 'latin1'));
    const alone = await desk.check('main.yaml');
    const { document } = await desk.check(desk.directory);

    expect(alone.document.mistakes).toEqual(document.mistakes);
    expect(document.mistakes).toEqual([
      { file: 'nested.yaml', line: null, message: 'expected text in UTF-8 or UTF-16, got another encoding' },
    ]);
  });

  it('that is no template is not seen', async () => {
    const desk = await aTemplateDesk({ 'main.yaml': `Resources:\n${nested()}${API}`, 'nested.yaml': 'a: b\n' });
    const { document } = await desk.check('main.yaml');

    expect(document.warnings).toEqual([
      { file: 'main.yaml', line: 2, message: 'the nested stack Nested is not seen: nested.yaml has no Resources' },
    ]);
  });

  it('says each mistake once, however many templates it is nested in', async () => {
    const desk = await aTemplateDesk({
      'a.yaml': `Resources:\n${nested()}${API}`,
      'b.yaml': `Resources:\n${nested()}${API}`,
      'nested.yaml': 'Resources: { Logs: { Type: AWS::Logs::LogGroup, Properties: *x } }\n',
    });
    const { document, stderr } = await desk.check('.');

    expect(document.mistakes).toMatchObject([{ file: 'nested.yaml', line: 1 }]);
    expect(stderr.match(/nested\.yaml:1/g)).toHaveLength(1);
  });

  it('has another name than its parent', async () => {
    const named = LOGS.replace('/aws/lambda/api', "!Sub '/aws/lambda/${AWS::StackName}'");
    const api = API.replace('FunctionName: api', "FunctionName: !Ref 'AWS::StackName'");

    expect(await codes(`Resources:${named}${nested()}`, `Resources:\n${api}`)).toEqual([
      ['Logs', 'COMPLIANT'],
      ['Api', 'NON_COMPLIANT IMPLICIT_LOG_GROUP'],
    ]);
  });

  it('that is not there has no findings', async () => {
    const parent = `${CONDITION}Resources:\n${nested('Condition: IsProd, ')}`;

    expect(await codes(parent, `Resources:\n${API}`, '--parameter Stage=dev')).toEqual([]);
  });

  it('says each warning once, however often it is used', async () => {
    const desk = await aTemplateDesk({
      'main.yaml': `Resources:\n${nested()}${nested().replace('Nested', 'Again')}`,
      'nested.yaml': `Transform: Mine\nResources:\n  Logs: { Type: AWS::Logs::LogGroup }\n`,
    });
    const { document } = await desk.check('main.yaml');

    expect(document.findings).toHaveLength(2);
    expect(document.warnings).toMatchObject([{ message: expect.stringContaining('the macro Mine is not known') }]);
  });

  it('that gets the id of a key is told to pass the ARN', async () => {
    const parent = `Resources:${KEY}${nested().replace('./nested.yaml', './nested.yaml, Parameters: { KeyArn: !Ref Key }')}`;
    const desk = await aTemplateDesk({
      'main.yaml': parent,
      'nested.yaml':
        'Parameters: { KeyArn: { Type: String } }\nResources: { Logs: { Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: !Ref KeyArn } } }\n',
    });
    const { document } = await desk.check('main.yaml');

    expect(document.findings[0]?.reasons).toMatchObject([
      {
        code: 'KEY_NOT_AN_ARN',
        fix: 'write in the log group: the ARN of Key, which is in main.yaml: a parameter or an output has to pass it, not its id',
      },
    ]);
  });
});
