import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aGroup, aTemplateDesk, KEY } from './desk.ts';

const BARE = 'Resources: { Bare: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /vendor/a } } }\n';
const GOOD = `Resources:${KEY}${aGroup('!GetAtt Key.Arn')}`;
const HCL = 'resource "aws_cloudwatch_log_group" "app" {}\n';
const TOO_LARGE = 65 * 2 ** 20;

describe('a file', () => {
  it('that is named twice, or is in a named directory, too, is evaluated once', async () => {
    const desk = await aTemplateDesk({ 'app/bare.yaml': BARE });
    const { document } = await desk.check('app/bare.yaml ./app/bare.yaml app');

    expect(document.findings).toHaveLength(1);
  });

  it('comes from standard input as -', async () => {
    const desk = await aTemplateDesk({ 'good.yaml': GOOD });
    const { stdout, status } = await desk.run('template check - good.yaml --format json', { stdin: BARE });

    expect(JSON.parse(stdout).findings).toMatchObject([
      { file: '-', id: 'Bare', line: 1 },
      { file: 'good.yaml', id: 'Logs' },
    ]);
    expect(status).toBe(3);
  });

  it('in another encoding is a mistake also in a directory, if it is a template', async () => {
    const desk = await aTemplateDesk({ 'app/good.yaml': GOOD });
    await writeFile(join(desk.directory, 'app/latin.yaml'), Buffer.from(`# caf\u00e9\n${BARE}`, 'latin1'));
    await writeFile(join(desk.directory, 'app/values.yaml'), Buffer.from('name: caf\u00e9\n', 'latin1'));
    const { document } = await desk.check('app');

    expect(document.mistakes).toEqual([
      { file: 'app/latin.yaml', line: null, message: 'expected text in UTF-8 or UTF-16, got another encoding' },
    ]);
  });

  it('that is too large is a mistake in a directory only if it begins as a template', async () => {
    const desk = await aTemplateDesk({ 'app/good.yaml': GOOD });
    const rest = 'x'.repeat(TOO_LARGE);
    await writeFile(join(desk.directory, 'app/data.json'), `["${rest}"]`);
    expect((await desk.check('app')).document.mistakes).toEqual([]);

    await writeFile(join(desk.directory, 'app/plan.json'), `{"format_version":"1.2","planned_values":{"x":"${rest}"}}`);
    expect((await desk.check('app')).document.mistakes).toMatchObject([
      { file: 'app/plan.json', message: expect.stringContaining('larger than 64 MiB') },
    ]);
  });
});

describe('the configuration of Terraform in a directory', () => {
  it('is not evaluated, which is told once', async () => {
    const desk = await aTemplateDesk({ 'app/good.yaml': GOOD, 'app/a.tf': HCL, 'app/sub/b.tf': HCL });
    const { document, status } = await desk.check('app');

    expect(status).toBe(0);
    expect(document.warnings).toEqual([
      {
        ...{ file: 'app/a.tf', line: null },
        message: expect.stringMatching(/^this and 1 other file are the configuration .*terraform show -json tfplan/),
      },
    ]);
  });

  it.each(['tofu', 'tf.json', 'tfvars', 'tfvars.json'])('may be a file whose name ends with .%s', async (extension) => {
    const desk = await aTemplateDesk({ 'app/good.yaml': GOOD, [`app/prod.${extension}`]: '{"region": "eu-west-1"}' });
    const { document, status } = await desk.check('app');

    expect(status).toBe(0);
    expect(document.mistakes).toEqual([]);
    expect(document.warnings.map(({ file }) => file)).toEqual([`app/prod.${extension}`]);
  });

  it('is told, too, where there is nothing else', async () => {
    const desk = await aTemplateDesk({ 'app/a.tf': HCL });
    const { stderr, status } = await desk.run('template check app');

    expect(status).toBe(2);
    expect(stderr).toMatch(
      /found none in app\nlogseal: app\/a\.tf: the configuration of Terraform is not evaluated: run/,
    );
  });
});
