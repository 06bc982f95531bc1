import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aLogsPolicy } from '../support/builders.ts';
import { parseDocument, verdictSchema } from '../support/documents.ts';
import { aDesk, aWorld, runProcess } from '../support/logseal.ts';
import { CHECK, checkPolicy as check, GROUP, KEY } from './check-policy.ts';

const with_ = (...statements: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [...JSON.parse(aLogsPolicy()).Statement, ...statements] });
const DENY = { Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' };

describe('a verdict', () => {
  it('ALLOWED is 0', async () => {
    const { status, stdout, stderr } = await check(aLogsPolicy());

    const document = parseDocument(verdictSchema, stdout);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(document).toMatchObject({ verdict: 'ALLOWED', missingActions: [], denyingStatement: null, repair: null });
    expect(document.actions['kms:Encrypt']).toMatchObject({ effect: 'ALLOW', statement: { index: 1, sid: 'Logs' } });
  });

  it('DENIED is 3, and names the statement', async () => {
    const { status, stdout } = await check(with_(DENY));

    const document = parseDocument(verdictSchema, stdout);
    expect(status).toBe(3);
    expect(document).toMatchObject({ verdict: 'DENIED', missingActions: [], denyingStatement: 2, repair: null });
    expect(document.actions['kms:Decrypt'].effect).toBe('EXPLICIT_DENY');
  });

  it('MISSING_ACTIONS is 3, and what it would repair fixes it', async () => {
    const { status, stdout } = await check(aLogsPolicy('/other'));

    const { verdict, missingActions, repair } = parseDocument(verdictSchema, stdout);
    expect({ status, verdict }).toEqual({ status: 3, verdict: 'MISSING_ACTIONS' });
    expect(missingActions).toEqual([
      'kms:Encrypt',
      'kms:Decrypt',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
      'kms:GenerateDataKey',
    ]);
    expect((await check(with_(repair ?? {}))).status).toBe(0);
  });

  it('UNCERTAIN is 3', async () => {
    const condition = { StringEquals: { 'aws:ResourceTag/Environment': 'prod' } };

    const { status, stdout } = await check(with_({ ...DENY, Condition: condition }));

    const document = parseDocument(verdictSchema, stdout);
    expect(status).toBe(3);
    expect(document).toMatchObject({ verdict: 'UNCERTAIN', missingActions: [], denyingStatement: null });
    expect(document.warnings.map(({ code }) => code)).toContain('UNDOCUMENTED_RULE');
  });
});

describe('what is asked', () => {
  it('may be about the query results', async () => {
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'logs.eu-west-1.amazonaws.com' },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
      Resource: '*',
      Condition: {
        ArnEquals: { 'aws:SourceArn': 'arn:aws:logs:eu-west-1:111122223333:query-result:*' },
        StringEquals: { 'aws:SourceAccount': '111122223333' },
      },
    };
    const words = `policy check --policy policy.json --key-arn ${KEY} --query-results 111122223333`;

    expect((await check(with_(statement), words)).status).toBe(0);
    expect((await check(aLogsPolicy(), words)).status).toBe(3);
  });

  it('may name a log group as DescribeLogGroups does', async () => {
    expect(
      (
        await check(
          aLogsPolicy('/app/a'),
          `${CHECK}:* --policy policy.json`.replace(`${GROUP} --format json:*`, `${GROUP}:*`),
        )
      ).status,
    ).toBe(0);
  });
});

describe('the answer', () => {
  it('is readable as a table', async () => {
    const { stdout } = await check(with_(DENY), `${CHECK} --policy policy.json`.replace(' --format json', ''));

    expect(stdout).toMatch(/^DENIED\n/);
    expect(stdout).toMatch(/^EXPLICIT_DENY kms:Decrypt\n {2}the /m);
    expect(stdout).not.toContain('\x1b');
  });

  it('is one line as NDJSON', async () => {
    const { stdout } = await check(aLogsPolicy(), `${CHECK} --policy policy.json`.replace('json', 'ndjson'));

    expect(stdout.trimEnd()).not.toContain('\n');
    expect(parseDocument(verdictSchema, stdout).verdict).toBe('ALLOWED');
  });

  it('goes into a file', async () => {
    const { status, stdout, desk } = await check(aLogsPolicy(), `${CHECK} --policy policy.json --output verdict.json`);

    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(parseDocument(verdictSchema, await desk.read('verdict.json')).verdict).toBe('ALLOWED');
    expect((await desk.files()).toSorted()).toEqual(['policy.json', 'verdict.json']);
  });
});

describe('what is loaded', () => {
  const RECORDER = `
    import { appendFileSync } from 'node:fs';
    import { registerHooks } from 'node:module';
    registerHooks({
      resolve(specifier, context, next) {
        const resolved = next(specifier, context);
        appendFileSync(process.env.RECORD, resolved.url + '\\n');
        return resolved;
      },
    });`;

  async function loadedBy(words: string, policy = aLogsPolicy()) {
    const desk = await aDesk(aWorld());
    await desk.write('policy.json', policy);
    await desk.write('logseal.yaml', 'schema: logseal/config/1\n');
    await desk.write('template.yaml', 'Resources: { Key: { Type: AWS::KMS::Key } }\n');
    await desk.write('recorder.mjs', RECORDER);
    const record = join(desk.directory, 'record.txt');
    const { status } = await runProcess(words, {
      ...desk.options,
      env: {
        ...desk.options.env,
        NODE_OPTIONS: `--import ${join(desk.directory, 'recorder.mjs')}`,
        RECORD: record,
      },
    });
    const urls = (await readFile(record, 'utf8')).split('\n');
    expect(urls.some((url) => url.endsWith('/cli/main.ts'))).toBe(true);
    return { status, urls };
  }

  it.each([
    [`${CHECK} --policy policy.json`, false],
    ['config check logseal.yaml', false],
    ['template check template.yaml', false],
    ['scan', true],
  ])('%s: the SDK %s', async (words, isLoaded) => {
    const { status, urls } = await loadedBy(words);

    expect(status).toBe(0);
    expect(urls.some((url) => /@aws-sdk|@smithy/.test(url))).toBe(isLoaded);
    expect(urls.filter((url) => /\/sandbox\//.test(url))).toEqual([]);
  });

  it.each([
    ['well-formed', false, aLogsPolicy(), 0],
    ['malformed', true, '', 3],
  ])('for a policy that is %s: the rules that recognize other documents %s', async (_, isLoaded, policy, expected) => {
    const { status, urls } = await loadedBy(`${CHECK} --policy policy.json`, policy);

    expect(status).toBe(expected);
    expect(urls.some((url) => url.endsWith('/cli/document-kind.ts'))).toBe(isLoaded);
  });
});
