import { describe, expect, it } from 'vitest';
import { aGroup, aTemplateDesk, checked, KEY, statuses } from './desk.ts';

const TEXT = 'Resources:\n  Logs:\n    Type: AWS::Logs::LogGroup\n';
const NO_KEY = { Logs: 'NON_COMPLIANT NO_KEY' };

describe('a template is recognised in a directory', () => {
  it.each([
    ['indented', TEXT.replace(/^/gm, '  ')],
    ['indented below a comment and the begin of the document', `---\n# A template\n${TEXT.replace(/^/gm, '    ')}`],
    ['in braces', '{ Resources: { Logs: { Type: AWS::Logs::LogGroup } } }'],
    ['as JSON in one line', '{"Resources":{"Logs":{"Type":"AWS::Logs::LogGroup"}}}'],
    ['with a name in quotes', TEXT.replace('Resources', '"Resources"')],
  ])('%s', async (_, text) => {
    const desk = await aTemplateDesk({ 'app/t.yaml': text });

    expect((await desk.check('app')).document.findings).toMatchObject([{ id: 'Logs', reasons: [{ code: 'NO_KEY' }] }]);
  });

  it.each([
    ['quotes one', `docs: |\n${TEXT.replace(/^/gm, '  ')}`],
    ['has one below another field', `values:\n${TEXT.replace(/^/gm, '  ')}`],
    ['is one of Jinja', `{% set Resources = 1 %}\n{{ x }}: AWS::Logs::LogGroup\n`],
  ])('not YAML that %s', async (_, text) => {
    const desk = await aTemplateDesk({ 'app/t.yaml': text, 'app/own.yaml': TEXT });

    expect((await desk.check('app')).document).toMatchObject({ files: 1, mistakes: [], warnings: [] });
  });
});

describe('the name of a log group', () => {
  const named = (name: string, options = '') =>
    checked(`Resources:\n  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: ${name} } }\n`, options);

  it.each([
    ["!Sub '/app/${AWS::Region}/x'", '', null],
    ["!Sub '/app/${AWS::AccountId}'", '--region eu-west-1', null],
    ["!Sub '/app/${AWS::Region}/x'", '--region eu-west-1', '/app/eu-west-1/x'],
  ])('%s with "%s" is %s', async (name, options, expected) => {
    expect((await named(name, options)).document.findings).toMatchObject([{ name: expected }]);
  });

  it('that is no text is a mistake that says what is there', async () => {
    const { status, document } = await named('{ Sub: /app/x }');

    expect(status).toBe(2);
    expect(document.mistakes.map(({ message }) => message)).toEqual([
      'Resources.Logs.Properties.LogGroupName: expected a text, got {"Sub":"/app/x"}: Sub is written Fn::Sub',
    ]);
  });
});

it('a comment right behind a quoted text is taken', async () => {
  expect(await statuses(`Description: 'a'# b\n${TEXT}`)).toEqual(NO_KEY);
});

it.each([
  [`${TEXT}    Action: *\n`, 'put * in quotes'],
  ['Resources:\n  Logs: { Type: AWS::Logs::LogGroup }\n  Foo\n  Bar: x\n', 'may lack the colon behind its name'],
])('what is no YAML says how to put it right: %#', async (text, hint) => {
  const { status, stderr } = await checked(text);

  expect(status).toBe(2);
  expect(stderr).toContain(hint);
});

it('nested stacks that are no files here are told in one line for each file', async () => {
  const stacks = Array.from(
    { length: 8 },
    (_, index) =>
      `  S${index}: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: "https://x/${index}" } }\n`,
  );
  const { document } = await checked(`Resources:\n${stacks.join('')}`);

  expect(document.warnings.map(({ message }) => message)).toEqual([
    'the nested stacks S0, S1, S2, S3, S4, and 3 more are not seen: no file here has the template',
  ]);
});

describe('transforms of AWS', () => {
  it.each(['AWS::ServiceCatalog', 'AWS::SecretsManager-2020-07-23', 'AWS::SecretsManager-2024-09-16'])(
    '%s adds no key to a log group',
    async (transform) => {
      const { document } = await checked(`Transform: ${transform}\n${TEXT}`);

      expect(document.findings).toMatchObject([{ status: 'NON_COMPLIANT', reasons: [{ code: 'NO_KEY' }] }]);
      expect(document.warnings).toEqual([]);
    },
  );

  it('AWS::SecretsManager adds a function for hosted rotation, which is told', async () => {
    const rotation = '{ Type: AWS::SecretsManager::RotationSchedule, Properties: { HostedRotationLambda: {} } }';
    const { document } = await checked(`Transform: AWS::SecretsManager-2024-09-16\nResources:\n  R: ${rotation}\n`);

    expect(document.warnings).toMatchObject([{ line: 3, message: expect.stringContaining('Lambda function of R') }]);
  });
});

describe('a key policy that names logs.amazonaws.com', () => {
  const service = (name: string) => KEY.replace(/Service: .*? \}/, `Service: ${name} }`);

  it('is compliant with a warning, since AWS does not document that name', async () => {
    const { document } = await checked(`Resources:${service('logs.amazonaws.com')}${aGroup('!GetAtt Key.Arn')}`);

    expect(document.findings).toMatchObject([
      {
        status: 'COMPLIANT',
        warnings: [
          {
            code: 'GLOBAL_SERVICE_PRINCIPAL',
            fix: expect.stringContaining('Service: !Sub logs.${AWS::Region}.amazonaws.com'),
          },
        ],
      },
    ]);
  });
});

describe('KmsKeyId from a mapping whose key is not known', () => {
  const arn = (id: string) => `arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-12345678900${id}`;
  const mapped = (dev: string) =>
    `Parameters: { Env: { Type: String } }\nMappings: { Keys: { prod: { Arn: '${arn('1')}' }, dev: { Arn: '${dev}' } } }\nResources:${aGroup('!FindInMap [Keys, !Ref Env, Arn]')}`;

  it.each([
    ['compliant where each value is an ARN', arn('2'), '', 'COMPLIANT'],
    ['not known where one is none', '', '', 'UNKNOWN KEY_UNDETERMINED'],
    ['known with the parameter', '', '--parameter Env=dev', 'NON_COMPLIANT KEY_NOT_AN_ARN'],
  ])('is %s', async (_, dev, options, expected) => {
    expect(await statuses(mapped(dev), options)).toEqual({ Logs: expected });
  });
});

describe('KmsKeyId that a condition leaves out', () => {
  const conditional = (equals: string) =>
    `Parameters: { Stage: { Type: String, Default: dev } }\nConditions: { Prod: ${equals} }\nResources:${KEY}` +
    aGroup('!If [Prod, !GetAtt Key.Arn, !Ref AWS::NoValue]');

  it.each([
    [
      '!Equals [!Ref Stage, prod]',
      'make the condition Prod true (deploy with Stage=prod: --parameter Stage=prod checks it)',
    ],
    ['!Equals [!Ref AWS::Region, x]', 'make the condition Prod true, or name a key in the other branch of its Fn::If'],
  ])('is told how to have it: %s', async (equals, fix) => {
    const { document } = await checked(conditional(equals), '--region eu-west-1');

    expect(document.findings[0]?.reasons).toMatchObject([{ code: 'NO_KEY', fix: expect.stringContaining(fix) }]);
  });
});

it('a key that is named by its id says what else is wrong with it, too', async () => {
  const { document } = await checked(`Resources:\n  Key: { Type: AWS::KMS::Key }\n${aGroup('!Ref Key')}`);

  expect(document.findings).toMatchObject([
    {
      verdict: 'MISSING_ACTIONS',
      reasons: [{ code: 'KEY_NOT_AN_ARN' }, { code: 'KEY_POLICY_MISSING_ACTIONS' }],
    },
  ]);
});
