import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aDirectory, runLogseal } from '../../support/logseal.ts';
import { aGroup, aPlan, findingsOf, readPlan } from './plans.ts';

const PLAN = JSON.stringify(aPlan([aGroup(null)]));
const MAKE_PLAN = 'terraform plan -out=tfplan && terraform show -json tfplan > plan.json';
const RAW_STATE = JSON.stringify({
  version: 4,
  terraform_version: '1.9.8',
  serial: 3,
  lineage: 'a-b',
  outputs: {},
  resources: [],
});
const STREAM =
  '{"@level":"info","@message":"Terraform 1.9.8","@module":"terraform.ui","type":"version","ui":"1.2"}\n{"@level":"info","@message":"Plan: 1 to add"}\n';
const SECRET = 'hunter2-secret';

async function check(content: string | Uint8Array, name = 'plan.json', words = '') {
  const directory = await aDirectory();
  await writeFile(join(directory, name), content);
  return runLogseal(`template check ${name} ${words}`, { cwd: directory });
}

describe('a file that is no output of terraform show -json is named, with the command that makes the right one', () => {
  it.each<[string, string | Uint8Array, string, string]>([
    [
      'the configuration',
      '# the logs\nresource "aws_cloudwatch_log_group" "app" {\n  name = "a"\n}\n',
      'main.tf',
      `it is the configuration of Terraform, not a plan: run ${MAKE_PLAN}`,
    ],
    [
      'the configuration under another name',
      '\n/* a */ \nterraform {\n}\n',
      'main.txt',
      'it is the configuration of Terraform',
    ],
    [
      'the configuration in JSON',
      '{"resource":{"aws_cloudwatch_log_group":{"app":{}}}}',
      'main.tf.json',
      'it is the configuration of Terraform',
    ],
    [
      'a binary plan',
      Buffer.from([0x50, 0x4b, 3, 4, 0x14, 0, 8, 0, 0xff, 0xfe]),
      'tfplan',
      'it is a binary plan: run terraform show -json tfplan > plan.json in the directory of its configuration',
    ],
    [
      'a raw state',
      RAW_STATE,
      'terraform.tfstate',
      'it is a raw state: run terraform show -json terraform.tfstate > state.json in the directory of its configuration',
    ],
    [
      'the stream of terraform plan -json',
      STREAM,
      'plan.json',
      `it is the stream of terraform plan -json, which has no values: run ${MAKE_PLAN}`,
    ],
    [
      'what terraform plan prints',
      'Terraform used the selected providers to generate the following execution plan.\n',
      'plan.txt',
      'it is a plan as people read it',
    ],
    [
      'what terraform plan prints of a resource, in colours',
      '\n\u001b[1m  # module.a["x"].aws_kms_key.logs[0]\u001b[0m will be created\n  + resource "aws_kms_key" "logs" {\n',
      'plan.txt',
      `it is a plan as people read it: run ${MAKE_PLAN}`,
    ],
    [
      'what terraform plan prints where nothing changes',
      '\u001b[0m\u001b[1m\u001b[32mNo changes.\u001b[0m\u001b[1m Your infrastructure matches the configuration.\n',
      'plan.txt',
      'it is a plan as people read it',
    ],
    [
      'what terraform show prints of a state',
      '# aws_kms_key.logs:\nresource "aws_kms_key" "logs" {\n    arn = "arn:aws:kms:eu-west-1:111122223333:key/a"\n}\n',
      'state.txt',
      'it is a state as people read it: run terraform show -json > state.json',
    ],
    [
      'the values of variables',
      'region = "eu-west-1"\n',
      'prod.tfvars',
      'it is the values of variables, not a plan: run terraform plan -var-file=prod.tfvars -out=tfplan && terraform show -json tfplan > plan.json',
    ],
    ['the configuration in JSON without resources', '{"output":{}}', 'main.tf.json', 'it is the configuration of'],
    [
      'a plan without its version',
      JSON.stringify({ resource_changes: [{ change: { actions: ['create'] } }] }),
      'plan.json',
      `it is only a part of what terraform show -json writes, without its format_version: run ${MAKE_PLAN}`,
    ],
    [
      'a plan of a format to come',
      PLAN.replace('"1.2"', '"2.0"'),
      'plan.json',
      'expected the format version 0.1 to 1.x of terraform show -json, got 2.0',
    ],
    ['a plan without its end', PLAN.slice(0, -100), 'plan.json', 'it ends in the middle of its JSON'],
  ])('%s', async (_, content, name, message) => {
    const { status, stdout, stderr } = await check(content, name);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`${name}: ${message}`);
    expect(stderr.match(/^logseal: /gm)).toHaveLength(1);
  });

  it('a plan whose characters PowerShell has changed', async () => {
    const { status, stderr } = await check(Buffer.from(`\uFEFF${PLAN.replace('"/app/a"', '"/app/\u00ec')}`, 'utf16le'));

    expect(status).toBe(2);
    expect(stderr).toContain('in PowerShell run cmd /c "terraform show -json tfplan > plan.json"');
  });

  it('a plan that is no JSON, with the line and without what is in it', async () => {
    const { status, stderr } = await check(PLAN.replace('"resource_changes"', `\n${SECRET} "resource_changes"`));

    expect(status).toBe(2);
    expect(stderr).toMatch(/plan\.json:2: it is no valid JSON/);
    expect(stderr).not.toContain(SECRET);
  });
});

describe('a plan is read', () => {
  const windows = `\uFEFF${PLAN.replaceAll(',', ',\r\n')}`;
  const utf16 = Buffer.from(windows, 'utf16le');

  it.each<[string, string | Uint8Array]>([
    ['in UTF-8 with a byte order mark', Buffer.from(`\uFEFF${PLAN}`)],
    ['in UTF-16, as PowerShell writes it', utf16],
    ['in UTF-16 with the high byte first', Buffer.from(utf16).swap16()],
    [
      'within the lines of the wrapper of setup-terraform',
      `[command]/opt/terraform show -json tfplan\n${PLAN}\n::debug::Terraform exited with code 0.\n`,
    ],
    ['where it names types of CloudFormation', PLAN.replace('"/app/a"', '"/app/a","tags":{"a":"AWS::Logs::LogGroup"}')],
  ])('%s', async (_, content) => {
    expect((await check(content)).status).toBe(3);
  });

  it.each(['0.1', '0.2', '1.0', '1.99'])('of the format version %s', async (version) => {
    expect(await findingsOf(PLAN.replace('"1.2"', `"${version}"`))).toHaveLength(1);
  });

  it('without any log group: nothing is open', async () => {
    expect((await check(JSON.stringify(aPlan([])))).status).toBe(0);
  });

  it('of a state without resources: nothing is open', async () => {
    expect(await findingsOf('{"format_version":"1.0","terraform_version":"1.9.8"}\n')).toEqual([]);
  });

  it.each([
    ['the schemas of providers', '{"format_version":"1.0","provider_schemas":{"aws":{"values":{"a":"aws_kms_key"}}}}'],
    ['the result of terraform validate', '{"format_version":"1.0","valid":true,"diagnostics":[]}'],
  ])('but %s is none', async (_, text) => {
    expect(await readPlan(text)).toBeUndefined();
  });

  it('that Terraform did not finish: what is there is evaluated, and what is missing is a mistake', async () => {
    const plan = aPlan([aGroup(null)], { more: { errored: true, complete: false } });
    const { status, stdout, stderr } = await check(JSON.stringify(plan), 'plan.json', '--format json');

    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [{ reasons: [{ code: 'NO_KEY' }] }] });
    expect(stderr).toContain('plan.json: Terraform stopped at an error while it planned');
    expect(stderr).not.toContain('warning');
  });

  it('that leaves changes to a later one, with a warning', async () => {
    const { status, stderr } = await check(JSON.stringify(aPlan([], { more: { errored: false, complete: false } })));

    expect(status).toBe(0);
    expect(stderr).toContain(
      'warning: plan.json: the plan leaves changes to a later one (-target, or deferred changes)',
    );
  });

  it.each([
    ['null', null],
    ['texts', { planned_values: 'a', resource_changes: 'b', configuration: 'c', prior_state: 1, variables: [] }],
    ['lists', { planned_values: [], resource_changes: [null, 1, []], configuration: [], prior_state: [] }],
    ['modules that are none', { planned_values: { root_module: { resources: [{}], child_modules: [1, null] } } }],
    [
      'a configuration that is none',
      { configuration: { root_module: { resources: [1], module_calls: { a: 1 }, outputs: 1 } } },
    ],
  ])('although parts of it are %s', async (_, parts) => {
    expect(await findingsOf({ ...aPlan([]), ...(parts ?? { planned_values: null, configuration: null }) })).toEqual([]);
  });

  it('with names that objects have already', async () => {
    const group = aGroup(['var.__proto__', 'module.constructor.toString', 'data.constructor.prototype'], {
      values: { name: '__proto__' },
    });

    expect((await findingsOf(aPlan([group])))[0]).toMatchObject({ name: '__proto__', status: 'UNKNOWN' });
  });

  it('in which a text is like an unknown value', async () => {
    const text = PLAN.replaceAll('"/app/a"', String.raw`"/app/\ue000AWS::Region\ue001x\ue002"`);

    expect((await findingsOf(text))[0]).toMatchObject({ name: '/app/\uFFFDAWS::Region\uFFFDx\uFFFD' });
  });
});
