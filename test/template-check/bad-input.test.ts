import { describe, expect, it } from 'vitest';
import { aGroup, aTemplateDesk, checked, KEY, statuses } from './desk.ts';

const GOOD = 'Resources: { Logs: { Type: AWS::Logs::LogGroup } }\n';

/** Ten levels of ten aliases each. */
const BOMB = `AWSTemplateFormatVersion: '2010-09-09'
A0: &a0 [x, x, x, x, x, x, x, x, x, x]
${Array.from({ length: 9 }, (_, level) => `A${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(', ')}]`).join('\n')}
Resources: { Logs: { Type: AWS::Logs::LogGroup, Properties: *a9 } }
`;

describe('a file that cannot be evaluated gets one clear line', () => {
  it.each([
    ['broken YAML', 'AWSTemplateFormatVersion: x\nResources:\n  Logs: [\n', /^t\.yaml:\d+: expected YAML or JSON \(/],
    [
      'a tab',
      'Resources:\n\tLogs: { Type: AWS::Logs::LogGroup }\n',
      /^t\.yaml:2: expected YAML or JSON \(tab.*: YAML takes no tabs at the beginning of a line: indent it with spaces$/,
    ],
    [
      'a tab on every line',
      '\tResources:\n\t  Logs: { Type: AWS::Logs::LogGroup }\n',
      /^t\.yaml:1: expected YAML or JSON \(end.*: YAML takes no tabs at the beginning of a line: indent it with spaces$/,
    ],
    [
      'broken JSON',
      '{\n"Resources": {\n "Logs" {"Type": "AWS::Logs::LogGroup"}}}',
      /^t\.yaml:3: expected YAML or JSON \(/,
    ],
    [
      'broken JSON with tabs',
      '{\n"Resources": {\n\t"Logs" {"Type": "AWS::Logs::LogGroup"}}}',
      /^t\.yaml:3: expected YAML or JSON \([^:]*\)$/,
    ],
    [
      'many levels',
      `Resources: { Logs: { Type: AWS::Logs::LogGroup, Properties: ${'['.repeat(5_000)}`,
      /^t\.yaml:1: expected YAML or JSON \(nesting/,
    ],
    [
      'an alias that stands for itself',
      'Resources: { Logs: { Type: AWS::Logs::LogGroup, Properties: &x [*x] } }\n',
      /^t\.yaml:1: the alias \*x is inside of what it names/,
    ],
    [
      'an alias for nothing',
      'Resources: { Logs: { Type: AWS::Logs::LogGroup, Properties: *x } }\n',
      /^t\.yaml:1: there is no anchor for the alias \*x/,
    ],
    [
      'a bomb of aliases',
      BOMB,
      /^t\.yaml:\d+: expected a template, got aliases that stand for more than 3,000,000 parts/,
    ],
    ['more than 10 MiB', `${GOOD}#${'x'.repeat(10 * 2 ** 20)}`, /^t\.yaml:1: expected at most 10 MiB/],
    ['several documents', `${GOOD}---\n${GOOD}`, /^t\.yaml:1: expected one YAML document, got several/],
    [
      'a resource without a type',
      'Resources:\n  Good: { Type: AWS::S3::Bucket }\n  Logs: { Properties: {} }\n',
      /^t\.yaml:3: Resources\.Logs: expected a resource with a Type/,
    ],
    [
      'a circle of resources',
      'Resources:\n  A: { Type: AWS::S3::Bucket, DependsOn: B }\n  B: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref A } }\n',
      /^t\.yaml:2: Resources refer to each other in a circle: A → B → A/,
    ],
    [
      'a circle in Sub',
      'Resources:\n  A: { Type: AWS::S3::Bucket, Properties: { BucketName: !Sub "${A.Arn}" } }\n',
      /^t\.yaml:2: Resources refer to each other in a circle: A → A/,
    ],
    [
      'no template',
      'Hello: AWS::Logs::LogGroup\n',
      /^t\.yaml: expected a plan of Terraform \(.*\), the manifest.json of a CDK app, or a CloudFormation template, got something else/,
    ],
    [
      'YAML with a plan in it',
      '- input:\n    {\n      "format_version": "1.1",\n      "planned_values": {}\n    }\n',
      /, got something else/,
    ],
    ['bytes', '\u0000\u0001\u0002\u0003', /^t\.yaml: expected a plan of Terraform .*, got something else/],
  ])('%s', async (_, template, message) => {
    const { status, stdout, stderr } = await checked(template);
    const [line = '', ...others] = stderr.split('\n').filter((each) => !each.startsWith('see logseal') && each !== '');

    expect(status).toBe(2);
    expect(line).toMatch(/^logseal: /);
    expect(line.replace('logseal: ', '')).toMatch(message);
    expect(others).toEqual([]);
    expect(stdout).toBe('');
  });

  it.each([
    ['a condition that does not exist', aGroup('!If [Nope, a, b]'), 'there is no condition Nope'],
    ['a mapping that does not exist', aGroup('!FindInMap [Nope, a, b]'), 'Fn::FindInMap finds no Nope.a.b'],
    ['an item that does not exist', aGroup('!Select [3, [a]]'), 'Fn::Select finds no item 3'],
    ['arguments of the wrong form', aGroup('{ "Fn::If": 5 }'), 'Fn::If has arguments of the wrong form'],
    ['a condition that refers to itself', aGroup('!If [A, a, b]'), 'condition A refers to itself in a circle'],
  ])('%s, and the others are evaluated all the same', async (_, group, message) => {
    const template = `Conditions: { A: !Not [!Condition A] }\nResources:\n  Bare: { Type: AWS::Logs::LogGroup }${group}`;
    const { status, document, stderr } = await checked(template);

    expect(status).toBe(2);
    expect(document.findings.map(({ id }) => id)).toEqual(['Bare']);
    expect(document.mistakes).toMatchObject([{ file: 't.yaml', line: 4, message: expect.stringContaining(message) }]);
    expect(stderr).toMatch(/^logseal: t\.yaml:4: (Resources\.Logs|Conditions\.A)/);
  });

  it('conditions that refer to each other thousands of times', async () => {
    const conditions = Array.from(
      { length: 2_000 },
      (_, index) => `  C${index}: !Not [!Condition C${index + 1}]\n`,
    ).join('');
    const { status, document } = await checked(
      `Conditions:\n${conditions}  C20000: !Equals [a, b]\nResources:${aGroup('!If [C0, a, b]')}`,
    );

    expect(status).toBe(2);
    expect(document.mistakes).toMatchObject([
      { message: 'Resources.Logs: its names or conditions refer to each other too often' },
    ]);
  });
});

describe('what cannot be seen is told, and changes no exit status', () => {
  it('a field that is there twice: the last one counts, as in CloudFormation', async () => {
    const { status, document } = await checked(
      'Resources:\n  Logs: { Type: AWS::S3::Bucket }\n  Logs: { Type: AWS::Logs::LogGroup }\n',
    );

    expect(status).toBe(3);
    expect(document.findings).toMatchObject([{ id: 'Logs' }]);
    expect(document.mistakes).toEqual([]);
    expect(document.warnings).toEqual([
      { file: 't.yaml', line: 3, message: 'the field "Logs" is there twice: the last one counts' },
    ]);
  });

  it.each([
    [
      'a macro',
      'Transform: [AWS::Serverless-2016-10-31, MyMacro]\nResources: {}\n',
      1,
      'the macro MyMacro is not known',
    ],
    [
      'what a macro puts in the place of a resource',
      'Resources:\n  It: { "Fn::Transform": { Name: X } }\n',
      2,
      'It is not evaluated',
    ],
    [
      'a module',
      'Resources:\n  It: { Type: My::Logs::Group::MODULE }\n',
      2,
      'the module My::Logs::Group::MODULE is not known',
    ],
    [
      'a loop over what is not known',
      'AWSTemplateFormatVersion: x\nResources:\n  "Fn::ForEach::X": [X, !Ref Y, { "${X}": {} }]\n',
      3,
      'Fn::ForEach::X is not evaluated',
    ],
  ])('%s', async (_, template, line, message) => {
    const { status, document, stderr } = await checked(`${template}# AWS::Logs::LogGroup\n`);

    expect(status).toBe(0);
    expect(document.warnings).toMatchObject([{ file: 't.yaml', line, message: expect.stringContaining(message) }]);
    expect(stderr).toContain(`warning: t.yaml:${line}: `);
  });

  it('a template that SAM transforms may refer in circles, since SAM takes its resources apart', async () => {
    const { status } = await checked(`
Transform: AWS::Serverless-2016-10-31
Resources:
  Api: { Type: AWS::Serverless::Api, Properties: { DefinitionBody: !Sub "\${Fn.Arn}" } }
  Fn: { Type: AWS::Serverless::Function, Properties: { FunctionName: f, Events: { A: { Properties: { RestApiId: !Ref Api } } } } }
  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /aws/lambda/f, KmsKeyId: !ImportValue k } }
`);

    expect(status).toBe(0);
  });
});

describe('what YAML and CloudFormation take', () => {
  it.each([
    [
      'anchors',
      'Metadata: &x { RetentionInDays: 1 }\nResources: { Logs: { Type: AWS::Logs::LogGroup, Properties: *x } }\n',
    ],
    ['merges', 'Metadata: &x { Type: AWS::Logs::LogGroup }\nResources: { Logs: { <<: *x, Properties: {} } }\n'],
    [
      'a merge and a field in the place of a merged one',
      'Metadata: &x { Type: AWS::S3::Bucket }\nResources: { Logs: { <<: *x, Type: AWS::Logs::LogGroup } }\n',
    ],
    ['quoted names in YAML', '"Resources":\n  "Logs":\n    "Type": "AWS::Logs::LogGroup"\n'],
    ['a byte order mark', `\uFEFF${GOOD}`],
    ['lines that end as on Windows', GOOD.replaceAll(' { ', '\r\n  { ').replaceAll('\n', '\r\n')],
    ['JSON with tabs', '{\t"Resources": {\n\t"Logs": {\t"Type": "AWS::Logs::LogGroup" } } }'],
    [
      'a quoted text that ends left of where it begins',
      `Resources:\n    X:\n        Type: AWS::S3::Bucket\n        Metadata: '{\n    "a": 1\n  }'\n    Logs:\n        Type: AWS::Logs::LogGroup\n`,
    ],
    [
      'a field with the name of a prototype',
      '{"Resources": {"__proto__": {"Type": "AWS::S3::Bucket"}, "constructor": {"Type": "AWS::S3::Bucket"}, "Logs": {"Type": "AWS::Logs::LogGroup"}}}',
    ],
  ])('%s', async (_, template) => {
    const { status, document } = await checked(template);

    expect(status).toBe(3);
    expect(document.findings).toMatchObject([{ id: 'Logs', reasons: [{ code: 'NO_KEY' }] }]);
  });

  it.each(['utf16le', 'utf16be', 'utf16le without a mark'])('%s', async (encoding) => {
    const desk = await aTemplateDesk({});
    const text = Buffer.from(encoding.endsWith('mark') ? GOOD : `\uFEFF${GOOD}`, 'utf16le');
    await desk.write('t.yaml', encoding === 'utf16be' ? text.swap16() : text);

    expect((await desk.check('t.yaml')).document.findings).toMatchObject([{ id: 'Logs' }]);
  });

  it('texts that could be taken for unknown values are text', async () => {
    const { document } = await checked(
      'Resources: { Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: "/x\uE000a\uE001b\uE002" } } }\n',
    );

    expect(document.findings[0]?.name).toBe('/x\uFFFDa\uFFFDb\uFFFD');
  });
});

describe('in a directory', () => {
  it('a file whose aliases are nested too deeply is a mistake and hides no other', async () => {
    const lists = (inside: string) => `${'['.repeat(80)}${inside}${']'.repeat(80)}`;
    const deep = Array.from({ length: 250 }, (_, number) => `A${number + 1}: &a${number + 1} ${lists(`*a${number}`)}`);
    const group = 'Resources: { Logs: { Type: AWS::Logs::LogGroup, Properties: { Tags: *a250 } } }';
    const desk = await aTemplateDesk({
      'd/a.yaml': `A0: &a0 x\n${deep.join('\n')}\n${group}\n`,
      'd/b.yaml': GOOD,
    });

    const { status, stderr, document } = await desk.check('d');

    expect(status).toBe(2);
    expect(stderr).toContain('d/a.yaml: its parts are nested too deeply to be evaluated');
    expect(document.findings).toMatchObject([{ file: 'd/b.yaml' }]);
  });

  it('a manifest of something else than a CDK app hides nothing', async () => {
    const desk = await aTemplateDesk({
      'd/manifest.json': '{"version": 1, "artifacts": {"app": {"type": "zip"}}}',
      'd/t.yaml': GOOD,
    });

    const { document } = await desk.check('d');

    expect(document.findings).toMatchObject([{ file: 'd/t.yaml' }]);
  });

  it('a binary plan called tfplan is a mistake', async () => {
    const desk = await aTemplateDesk({ 'd/t.yaml': GOOD });
    await desk.write('d/tfplan', Buffer.from('PK\u0003\u0004tfplan'));

    const { status, stderr } = await desk.check('d');

    expect(status).toBe(2);
    expect(stderr).toContain('d/tfplan: it is a binary plan: run terraform show -json');
  });
});

it('an escape in a text stands for no unknown value', async () => {
  const template = `Resources:${KEY}${aGroup('"\\uE000Key.Arn\\uE001x\\uE002"')}`;

  expect(await statuses(template)).toEqual({ Logs: 'NON_COMPLIANT KEY_NOT_AN_ARN' });
});

describe('few lines that stand for many resources', () => {
  const group = (name: string) => ({ Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: name } });

  it.each([
    [
      'with many resources',
      5_000,
      { ['L${A}']: group('a'), ['M${A}']: group('b'.repeat(300)), ['N${A}']: group('c'.repeat(300)) },
    ],
    ['with a long text', 2_000, { ['L${A}']: group('x'.repeat(10_000)) }],
    ['with an item that is used many times', 2_000, { ['L${A}']: group('${A}'.repeat(2_000)) }],
  ])('by a loop %s are not evaluated, which is told', async (_, count, body) => {
    const items = Array.from({ length: count }, (_each, number) => `a${number}`);
    const { status, document } = await checked(
      JSON.stringify({ Transform: 'AWS::LanguageExtensions', Resources: { 'Fn::ForEach::A': ['A', items, body] } }),
      '',
      't.json',
    );

    expect(status).toBe(2);
    expect(document.findings).toEqual([]);
    expect(document.mistakes).toMatchObject([{ message: expect.stringContaining('is too long') }]);
  });

  it('by loops in loops are not all evaluated, which is told', async () => {
    const items = Array.from({ length: 150 }, (_, number) => `a${number}`);
    const group = { 'L${A}${B}${C}': { Type: 'AWS::Logs::LogGroup' } };
    const loops = ['C', 'B', 'A'].reduce<object>(
      (body, name) => ({ [`Fn::ForEach::${name}`]: [name, items, body] }),
      group,
    );
    const { status, stderr } = await checked(
      JSON.stringify({ Transform: 'AWS::LanguageExtensions', Resources: loops }),
      '',
      't.json',
    );

    expect(status).toBe(2);
    expect(stderr).toMatch(
      /is not evaluated, since the list of Fn::ForEach .*: the resources that it adds are not seen/,
    );
  });

  it('by a stack that has itself as a part several times are not all evaluated, which is told', async () => {
    const part = '{ Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: t.yaml } }';
    const parts = [1, 2, 3, 4, 5, 6].map((number) => `  S${number}: ${part}\n`).join('');
    const { status, stderr } = await checked(`Resources:\n  Logs: { Type: AWS::Logs::LogGroup }\n${parts}`);

    expect(status).toBe(3);
    expect(stderr).toContain('more than 500 stacks are nested in one');
  });
});
