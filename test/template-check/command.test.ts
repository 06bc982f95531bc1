import { describe, expect, it } from 'vitest';
import { readPage } from '../docs/pages.ts';
import { aGroup, aTemplateDesk, KEY } from './desk.ts';

const BARE = 'Resources: { Bare: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /vendor/a } } }\n';
const GOOD = `Resources:${KEY}${aGroup('!GetAtt Key.Arn')}`;
const BAD_KEY =
  'Resources:\n  Bare: { Type: AWS::KMS::Key }\n  Logs: { Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: !GetAtt Bare.Arn } }\n';
const BROKEN = 'Resources: { A: { Type: AWS::Logs::LogGroup, \n';
const EXEMPTIONS = `schema: logseal/config/1
exemptions:
  - id: vendor
    match: { names: ["/vendor/*"] }
    reason: The vendor's agent cannot write to an encrypted group
    owner: platform@example.com
    expires: 2027-03-31
`;

describe('the exit status', () => {
  it.each([
    ['good.yaml', 0],
    ['bare.yaml', 3],
    ['bad.yaml', 3],
    ['broken.yaml', 2],
    ['good.yaml broken.yaml', 2],
    ['bare.yaml --fail-on high', 0],
    ['bad.yaml --fail-on high', 3],
    ['bad.yaml --fail-on none', 0],
    ['bare.yaml --config exemptions.yaml', 0],
    ['missing.yaml', 2],
    ['', 2],
    ['empty', 2],
  ])('of %s is %i', async (words, status) => {
    const desk = await aTemplateDesk({
      ...{ 'good.yaml': GOOD, 'bare.yaml': BARE, 'bad.yaml': BAD_KEY, 'broken.yaml': BROKEN },
      ...{ 'exemptions.yaml': EXEMPTIONS, 'empty/notes.txt': 'nothing' },
    });

    expect((await desk.run(`template check ${words}`)).status).toBe(status);
  });

  it('lists every mistake of the command line at once', async () => {
    const desk = await aTemplateDesk({ 'good.yaml': GOOD });
    const { status, stderr } = await desk.run(
      'template check good.yaml --parameter x --region nowhere --account 1 --config ssm:/x --fail-on bad --output good.yaml --format json',
    );

    expect(status).toBe(2);
    for (const option of ['parameter', 'region', 'account', 'config', 'fail-on', 'output'])
      expect(stderr).toContain(`logseal: --${option}: `);
  });
});

describe('several files', () => {
  it('come one after the other, those of a directory in the order of their names, and broken ones hide no others', async () => {
    const desk = await aTemplateDesk({
      ...{
        'app/b.yaml': BARE,
        'app/a.json': '{"Resources":{"A":{"Type":"AWS::Logs::LogGroup"}}}',
        'app/c.template': BROKEN,
      },
      ...{ 'app/sub/d.yml': BARE, 'app/package.json': '{"name":"x"}', 'app/values.yaml': 'a: AWS::Logs::LogGroup\n' },
      ...{ 'app/.hidden/e.yaml': BARE, 'app/node_modules/f.yaml': BARE, 'app/README.md': BARE, 'z.yaml': GOOD },
    });
    const { status, document, stderr } = await desk.check('app z.yaml');

    expect(status).toBe(2);
    expect(document.findings.map(({ file }) => file)).toEqual(['app/a.json', 'app/b.yaml', 'app/sub/d.yml', 'z.yaml']);
    expect(document).toMatchObject({ schema: 'logseal/template/1', files: 4, mistakes: [{ file: 'app/c.template' }] });
    expect(stderr).toMatch(/^logseal: app\/c\.template:\d+: expected YAML or JSON/);
  });

  it('are counted together, as in a scan', async () => {
    const desk = await aTemplateDesk({ 'bare.yaml': BARE, 'good.yaml': GOOD, 'bad.yaml': BAD_KEY });
    const { document } = await desk.check('.');

    expect(document.summary).toEqual({
      ...{ stores: 3, compliant: 1, nonCompliant: 2, exempt: 0, unknown: 0, filtered: 0 },
      byReason: { NO_KEY: 1, KEY_POLICY_MISSING_ACTIONS: 1 },
      bySeverity: { HIGH: 1, MEDIUM: 1 },
    });
  });

  it('that a stack nests are evaluated as its parts, with the values that it gives them', async () => {
    const desk = await aTemplateDesk({
      'a-child.yaml':
        'Parameters: { Key: { Type: String } }\nResources: { Logs: { Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: !Ref Key } } }\n',
      'main.yaml': `Resources:
  Bare: { Type: AWS::KMS::Key }
  Child: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: a-child.yaml, Parameters: { Key: !GetAtt Bare.Arn } } }
`,
    });

    for (const operands of ['.', 'a-child.yaml main.yaml', 'main.yaml ./a-child.yaml', 'main.yaml']) {
      expect((await desk.check(operands)).document.findings).toMatchObject([
        { file: 'a-child.yaml', reasons: [{ code: 'KEY_POLICY_MISSING_ACTIONS' }] },
      ]);
    }
  });

  it('a parameter that none of them has is told', async () => {
    const desk = await aTemplateDesk({ 'good.yaml': GOOD });
    const { document, status } = await desk.check('good.yaml --parameter Nope=x');

    expect(status).toBe(0);
    expect(document.warnings).toMatchObject([{ message: 'no template has the parameter Nope' }]);
  });
});

describe('an exemption', () => {
  it('counts by the name of the log group', async () => {
    const desk = await aTemplateDesk({ 'bare.yaml': BARE, 'exemptions.yaml': EXEMPTIONS });
    const { document } = await desk.check('bare.yaml --config exemptions.yaml');

    expect(document.findings).toMatchObject([
      { status: 'EXEMPT', exemption: { id: 'vendor', owner: 'platform@example.com' }, reasons: [{ code: 'NO_KEY' }] },
    ]);
  });
});

it('an exemption that counts for no log group here is told', async () => {
  const entry = (id: string, match: string, expires: string) =>
    `  - { id: ${id}, match: ${match}, reason: The agent cannot write to it, owner: a@example.com, expires: ${expires} }\n`;
  const config = `schema: logseal/config/1\nexemptions:\n${[
    entry('old', '{ names: ["/vendor/*"] }', '2020-01-31'),
    entry('tagged', '{ tags: { team: a } }', '2027-03-31'),
  ].join('')}`;
  const desk = await aTemplateDesk({ 'bare.yaml': BARE, 'exemptions.yaml': config });
  const { document } = await desk.check('bare.yaml --config exemptions.yaml');

  expect(document.findings).toMatchObject([{ status: 'NON_COMPLIANT', exemption: null }]);
  expect(document.warnings.map(({ message }) => message)).toEqual([
    'the exemption old no longer counts: it expired on 2020-01-31',
    'the exemption tagged does not count: it matches by tags, which are not read from templates',
  ]);
});

it('what docs/templates.md says of its template is what the check says', async () => {
  const template = readPage('docs/templates.md').blocks.find(({ language }) => language === 'yaml')?.text ?? '';
  const desk = await aTemplateDesk({ 'template.yaml': template });

  expect((await desk.check('template.yaml')).document.findings).toMatchObject([
    {
      id: 'AppLogs',
      line: 4,
      reasons: [{ code: 'KEY_POLICY_MISSING_ACTIONS', fix: expect.stringContaining('KeyPolicy:') }],
    },
  ]);
});

describe('the result', () => {
  const desk = () => aTemplateDesk({ 'a b/bad.yaml': BAD_KEY, 'bare.yaml': BARE, 'broken.yaml': BROKEN });

  it('for people says which log groups, where, why and what to write', async () => {
    const { stdout } = await (await desk()).run(['template', 'check', 'a b/bad.yaml', 'bare.yaml', '--no-color']);

    expect(stdout).toContain('Checked 2 files\n2 log groups: 0 compliant, 2 not compliant\n');
    expect(stdout).toMatch(
      /HIGH +a b\/bad\.yaml:3 +Logs +KEY_POLICY_MISSING_ACTIONS\nMEDIUM +bare\.yaml:1 +Bare \(\/vendor\/a\) +NO_KEY\n/,
    );
    expect(stdout).toContain(
      '  fix: add a key policy to Bare:\n    Properties:\n      KeyPolicy:\n        Version: "2012-10-17"\n',
    );
    expect(stdout).toMatch(/2 log groups open\n$/);
  });

  it('for people says each mistake once, behind the table, and where each warning is', async () => {
    const outside =
      'Resources: { Logs: { Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: !ImportValue Shared } } }\n';
    const desk = await aTemplateDesk({ 'outside.yaml': outside, 'broken.yaml': BROKEN });
    const { stdout, stderr } = await desk.run('template check outside.yaml broken.yaml --no-color');

    expect(stdout).toContain('  log group: outside.yaml:1 Logs\n');
    expect(stdout).toMatch(/nothing is open in what was evaluated; 1 mistake in what was not evaluated\n$/);
    expect(stdout).not.toContain('broken.yaml');
    expect(stderr).toMatch(/^logseal: broken\.yaml:\d+: expected YAML or JSON.*\n$/);
  });

  it('for people has one fix for what is the same, and the first resource for functions without a log group', async () => {
    const groups = ['A', 'B'].map((id) => `  ${id}: { Type: AWS::Logs::LogGroup }\n`);
    const functions = ['F', 'G'].map(
      (id) => `  ${id}: { Type: AWS::Lambda::Function, Properties: { FunctionName: ${id} } }\n`,
    );
    const desk = await aTemplateDesk({ 't.yaml': `Resources:\n${[...groups, ...functions].join('')}` });
    const { stdout } = await desk.run('template check t.yaml --no-color');

    expect(stdout).toMatch(
      /NO_KEY × 2\n {2}the log group has no KMS key.*\n {2}log groups: t\.yaml:2 A, t\.yaml:3 B\n/,
    );
    expect(stdout).toMatch(/IMPLICIT_LOG_GROUP × 2\n {2}the Lambda function F makes .* \(and others like it\)\n/);
    expect(stdout).toContain('LogGroupName: /aws/lambda/F\n');
    expect(stdout).not.toContain('LogGroupName: /aws/lambda/G\n');
  });

  it('in SARIF has the file and the line of each reason', async () => {
    const { stdout } = await (await desk()).run(['template', 'check', 'a b/bad.yaml', '--format', 'sarif']);
    const [run] = JSON.parse(stdout).runs;

    expect(run.results).toMatchObject([
      {
        ruleId: 'KEY_POLICY_MISSING_ACTIONS',
        level: 'error',
        locations: [{ physicalLocation: { artifactLocation: { uri: 'a%20b/bad.yaml' }, region: { startLine: 3 } } }],
      },
    ]);
    expect(run.tool.driver.rules).toMatchObject([
      {
        id: 'KEY_POLICY_MISSING_ACTIONS',
        fullDescription: { text: 'AWS refuses the log group, so the deployment fails.' },
      },
    ]);
  });

  it('in SARIF counts a warning as one, however severe it is', async () => {
    const open = KEY.replace(/ {12}Condition:[\s\S]*/, '').replace(/Service: .*? \}/, "AWS: '*' }");
    const group = aGroup('!GetAtt Key.Arn');
    const template = await aTemplateDesk({ 't.yaml': `Resources:${open}${group}` });
    const { stdout } = await template.run('template check t.yaml --format sarif');

    expect(JSON.parse(stdout).runs[0].results).toMatchObject([{ ruleId: 'KEY_POLICY_PUBLIC', level: 'warning' }]);
  });

  it('in JUnit has a suite for each file, and an error for what was not evaluated', async () => {
    const { stdout } = await (await desk()).run('template check bare.yaml broken.yaml --format junit');

    expect(stdout).toContain('<testsuite name="bare.yaml" tests="1" failures="1" errors="0" skipped="0">');
    expect(stdout).toContain('<failure type="NO_KEY"');
    expect(stdout).toContain('<error type="NOT_EVALUATED"');
  });

  it('in Markdown has a row for each log group', async () => {
    const { stdout } = await (await desk()).run('template check bare.yaml --format markdown');

    expect(stdout).toContain('## logseal: 1 of 1 log group needs attention in 1 file\n');
    expect(stdout).toContain('| MEDIUM | `bare.yaml:1` | `Bare` | `/vendor/a` | `NO_KEY` |\n');
  });

  it('goes to files by the ends of their names, beside the table', async () => {
    const desk = await aTemplateDesk({ 'bare.yaml': BARE });
    const { stdout } = await desk.run(
      'template check bare.yaml --output r.sarif --output r.json --output r.md --output r.xml',
    );

    expect(stdout).toContain('1 log group open');
    expect(JSON.parse(await desk.read('r.json'))).toMatchObject({ schema: 'logseal/template/1' });
    expect(await desk.read('r.sarif')).toContain('"NO_KEY"');
  });
});

describe('one fix for several log groups', () => {
  const KEYS =
    '  Key: { Type: AWS::KMS::Key }\n  Alias: { Type: AWS::KMS::Alias, Properties: { AliasName: alias/logs, TargetKeyId: !Ref Key } }\n';
  const group = (id: string, key: string) =>
    `  ${id}: { Type: AWS::Logs::LogGroup, Properties: { KmsKeyId: ${key} } }\n`;
  const lambda = (id: string) => `  ${id}: { Type: AWS::Lambda::Function, Properties: { FunctionName: ${id} } }\n`;

  it('is shown once for each mistake, since what is wrong differs', async () => {
    const desk = await aTemplateDesk({
      't.yaml': `Resources:\n${KEYS}${group('A', '!Ref Key')}${group('B', 'alias/logs')}`,
    });
    const { stdout } = await desk.run('template check t.yaml --no-color');

    expect(stdout.match(/KEY_NOT_AN_ARN × 1/g)).toHaveLength(2);
    expect(stdout).toContain('KEY_POLICY_MISSING_ACTIONS × 2');
  });

  it('is shown for each resource to declare with --all, which the short table says', async () => {
    const desk = await aTemplateDesk({ 't.yaml': `Resources:\n${lambda('F')}${lambda('G')}` });
    const short = (await desk.run('template check t.yaml --no-color')).stdout;
    const long = (await desk.run('template check t.yaml --no-color --all')).stdout;

    expect(short).toContain('--all shows each log group to declare');
    for (const name of ['F', 'G']) expect(long).toContain(`LogGroupName: /aws/lambda/${name}\n`);
  });
});

it('a document in SARIF says what was not evaluated', async () => {
  const desk = await aTemplateDesk({ 'broken.yaml': BROKEN, 'good.yaml': GOOD });
  const { stdout } = await desk.run('template check broken.yaml good.yaml --format sarif');
  const [{ results, invocations }] = JSON.parse(stdout).runs;

  expect(results).toEqual([]);
  expect(invocations).toMatchObject([
    {
      executionSuccessful: false,
      toolExecutionNotifications: [
        { level: 'error', locations: [{ physicalLocation: { artifactLocation: { uri: 'broken.yaml' } } }] },
      ],
    },
  ]);
});

it('--region that does not count, and a parameter that is mistyped, are told', async () => {
  const properties = { templateFile: '../t.yaml' };
  const app = { type: 'aws:cloudformation:stack', environment: 'aws://111122223333/eu-west-1', properties };
  const stage = 'Parameters: { Stage: { Type: String, Default: a } }\n';
  const desk = await aTemplateDesk({
    'cdk.out/manifest.json': JSON.stringify({ artifacts: { app } }),
    't.yaml': `${stage}${BARE}`,
  });
  const { document } = await desk.check('cdk.out --region us-east-1 --parameter stage=b');

  expect(document.warnings.map(({ message }) => message)).toEqual([
    '--region us-east-1 does not count here: the file says eu-west-1',
    'no template has the parameter stage; did you mean Stage?',
  ]);
});
