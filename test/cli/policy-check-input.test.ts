import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { aLogsPolicy } from '../support/builders.ts';
import { parseDocument, verdictSchema } from '../support/documents.ts';
import { aDesk, aDirectory, aWorld, runHere, runLogseal } from '../support/logseal.ts';
import { CHECK, checkPolicy, malformedMessage } from './check-policy.ts';

const POLICY = JSON.stringify(JSON.parse(aLogsPolicy()), null, 2);
const WRAPPER = JSON.stringify({ Policy: POLICY, PolicyName: 'default' }, null, 4);
const MIB = 1024 * 1024;

/** As PowerShell writes it: with a byte order mark and Windows line ends. */
function utf16(text: string): Buffer {
  return Buffer.from(`\uFEFF${text.replaceAll('\n', '\r\n')}`, 'utf16le');
}

/** The document about the policy, which is the same however the policy is packed. */
async function documentOf(policy: string | Uint8Array): Promise<unknown> {
  const { stdout } = await checkPolicy(policy);
  return parseDocument(verdictSchema, stdout);
}

describe('a policy is read', () => {
  it.each<[string, string | Uint8Array]>([
    ['in UTF-8', POLICY],
    ['in UTF-16 with the low byte first', utf16(POLICY)],
    ['in UTF-16 with the high byte first', utf16(POLICY).swap16()],
    ['from what aws kms get-key-policy prints', WRAPPER],
    ['from what aws kms get-key-policy prints, in UTF-16', utf16(WRAPPER)],
    ['from what aws kms get-key-policy prints, in UTF-8 with a byte order mark', `\uFEFF${WRAPPER}`],
    ['from a wrapper in which it is encoded twice', JSON.stringify({ Policy: JSON.stringify(POLICY) })],
    ['from a wrapper in which it is an object', JSON.stringify({ Policy: JSON.parse(POLICY), PolicyName: 'default' })],
    ['from a JSON string', JSON.stringify(POLICY)],
    ['from a JSON string that is encoded twice', JSON.stringify(JSON.stringify(POLICY))],
  ])('%s', async (_, policy) => {
    expect(await documentOf(policy)).toEqual(await documentOf(POLICY));
    expect((await checkPolicy(policy)).status).toBe(0);
  });

  it('with non-ASCII characters as they are', async () => {
    const policy = POLICY.replace('"Logs"', '"Prot\u00E9g\u00E9s"');

    expect(await documentOf(utf16(policy))).toMatchObject({
      actions: { 'kms:Encrypt': { statement: { sid: 'Prot\u00E9g\u00E9s' } } },
    });
  });

  it.each<[string, string]>([
    [
      'duplicate fields',
      POLICY.replace('"Effect": "Allow",\n      "Principal": {\n        "Service"', '"Effect": "Deny",$&'),
    ],
    ['a number that a double cannot hold', POLICY.replace('"Condition": {', '$&"NumericLessThan":{"aws:x":1e999},')],
    ['braces and quotes in strings', POLICY.replace('"Logs"', String.raw`"\"},\\\"Policy\":{["`)],
    ['a field called Policy', POLICY.replace('{', '{"Id": "1", "Policy": {"Statement": []},')],
  ])('from a wrapper in which it is an object, with %s', async (_, policy) => {
    expect(policy).not.toBe(POLICY);
    expect(await documentOf(`{"PolicyName":"{","Policy" : ${policy} }`)).toEqual(await documentOf(policy));
  });

  it('from the last of two fields called Policy', async () => {
    expect((await checkPolicy(`{"Policy":{},"\\u0050olicy":${POLICY},"x":[1,{"Policy":2}]}`)).status).toBe(0);
  });

  it('as it is where it has a field called Policy beside its statements', async () => {
    expect((await checkPolicy(POLICY.replace('{', '{"Policy": "{}",'))).status).toBe(0);
  });

  it('from standard input', async () => {
    const { status, stdout } = await checkPolicy('', `${CHECK} --policy -`, { stdin: utf16(WRAPPER) });

    expect(status).toBe(0);
    expect(parseDocument(verdictSchema, stdout).verdict).toBe('ALLOWED');
  });

  it('in UTF-8 with a byte order mark, which KMS would refuse', async () => {
    const { status, stdout } = await checkPolicy(`\uFEFF${POLICY}`);

    const { verdict, problems } = parseDocument(verdictSchema, stdout);
    expect({ status, verdict }).toEqual({ status: 3, verdict: 'ALLOWED' });
    expect(problems).toMatchObject([{ code: 'CHARACTERS', statement: null }]);
    expect(problems[0]?.message).toMatch(/^the document has a byte order mark \(U\+FEFF\)/);
  });

  it('up to 1 MiB, although KMS takes less', async () => {
    const { status, stdout } = await checkPolicy(POLICY.padEnd(MIB));

    const { verdict, problems } = parseDocument(verdictSchema, stdout);
    expect({ status, verdict }).toEqual({ status: 3, verdict: 'ALLOWED' });
    expect(problems).toMatchObject([{ code: 'TOO_LARGE', message: expect.stringContaining('1048576 bytes') }]);
  });
});

describe('a file that cannot be read is a mistake in the command line', () => {
  async function mistakeOf(path: string, directory: string): Promise<string> {
    const { status, stdout, stderr } = await runLogseal(`${CHECK} --policy ${path}`, { cwd: directory });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    return stderr.replace('\nsee logseal policy check --help\n', '');
  }

  it.each([
    ['missing.json', /ENOENT/],
    ['.', /EISDIR/],
    ['large.json', /larger than 1 MiB/],
    ['/dev/zero', /larger than 1 MiB/],
  ])('%s', async (path, reason) => {
    const desk = await aDesk(aWorld());
    await desk.write('large.json', Buffer.alloc(MIB + 1, ' '));

    const mistake = await mistakeOf(path, desk.directory);

    expect(mistake.startsWith(`logseal: --policy: expected a file that can be read, got ${path} (`)).toBe(true);
    expect(mistake).toMatch(reason);
    expect(mistake).not.toContain('\n');
  });

  it('standard input without an end', async () => {
    let chunks = 0;
    const input = Readable.from(
      (function* () {
        for (;;) {
          chunks++;
          yield Buffer.alloc(64 * 1024, '[');
        }
      })(),
    );

    const { status, stderr } = await runHere(`${CHECK} --policy -`, { input }, {});

    expect(status).toBe(2);
    expect(stderr()).toContain('got - (it is larger than 1 MiB)');
    expect(chunks * 64 * 1024).toBeLessThan(4 * MIB);
    expect(input.destroyed).toBe(true);
  });

  it('a named pipe that nothing writes to', async () => {
    const directory = await aDirectory();
    execFileSync('mkfifo', [join(directory, 'pipe')]);

    expect(await mistakeOf('pipe', directory)).toContain('got pipe (it is a pipe that nothing writes to)');
  });

  it('a named pipe without an end', async () => {
    const directory = await aDirectory();
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writing = pipeline(createReadStream('/dev/zero'), createWriteStream(pipe));

    expect(await mistakeOf('pipe', directory)).toContain('larger than 1 MiB');
    await expect(writing).rejects.toThrow('EPIPE');
  });
});

describe('a named pipe', () => {
  it('is read to the end, however slowly it is written', async () => {
    const directory = await aDirectory();
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writing = createWriteStream(pipe);
    writing.write(POLICY.slice(0, 10));
    const rest = setTimeout(() => writing.end(POLICY.slice(10)), 200);

    const { status } = await runLogseal(`${CHECK} --policy pipe`, { cwd: directory });

    clearTimeout(rest);
    expect(status).toBe(0);
  });

  it('does not hold up an interrupt', async () => {
    const directory = await aDirectory();
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const silent = createWriteStream(pipe);
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(), 50);

    const { status } = await runHere(`${CHECK} --policy pipe`, { interruption }, { cwd: directory });

    silent.destroy();
    expect(status).toBe(130);
  });
});

describe('a file that is no policy is MALFORMED, with one message', () => {
  const EXPECTED =
    'expected a key policy in JSON, which this prints: aws kms get-key-policy --key-id KEY --policy-name default --output json';
  const NUL = 'it contains NUL characters, as UTF-16 without a byte order mark and binary files do; save it as UTF-8';
  const NEITHER = `it is neither UTF-8 nor UTF-16 with a byte order mark; ${EXPECTED}`;

  it.each<[string, string | Uint8Array, string]>([
    ['an empty file', '', `it is empty; ${EXPECTED}`],
    ['white space', ' \n', `it is empty; ${EXPECTED}`],
    ['a byte order mark alone', '\uFEFF', `it is empty; ${EXPECTED}`],
    ['an empty policy in its wrapper', '{"Policy":""}', `it is empty; ${EXPECTED}`],
    [
      'text',
      'no policy\n',
      String.raw`it is not JSON: Unexpected token 'o', "no policy\u000a" is not valid JSON; ${EXPECTED}`,
    ],
    ['a list', '[]', `the policy is not a JSON object; ${EXPECTED}`],
    ['an object of something else', '{"a":1}', `there is no Statement; ${EXPECTED}`],
    ['a policy and NUL', `${POLICY}\0`, NUL],
    ['UTF-16 without a byte order mark', utf16(POLICY).subarray(2), NUL],
    ['UTF-16 that is cut off', utf16(POLICY).subarray(0, -1), NEITHER],
    ['Latin-1', Buffer.from(POLICY.replace('"Logs"', '"Prot\u00E9g\u00E9s"'), 'latin1'), NEITHER],
    [
      'deep nesting',
      `{"Statement":${'['.repeat(500_000)}${']'.repeat(500_000)}}`,
      'it is nested more than 100 levels deep',
    ],
    ['1 MiB of brackets', '['.repeat(MIB), `it is nested more than 100 levels deep; ${EXPECTED}`],
  ])('%s', async (_, policy, message) => {
    expect(await malformedMessage(policy)).toBe(message);
  });

  it('a policy whose JSON is broken, with the place', async () => {
    expect(await malformedMessage(POLICY.replace('},', '}'))).toMatch(
      /^it is not JSON: Expected .* \(line \d+ column \d+\)/,
    );
  });

  it('a policy with many mistakes, with the first ten', async () => {
    const mistakes = (await malformedMessage(JSON.stringify({ Statement: Array(2000).fill(1) }))).split('; ');

    expect(mistakes).toHaveLength(11);
    expect(mistakes.slice(-2)).toEqual(['the 10th statement is not an object', 'and 1,990 more']);
  });

  it('and is one short paragraph for a person', async () => {
    const { stdout } = await checkPolicy('', `${CHECK} --policy policy.json`.replace(' --format json', ''));

    expect(stdout).toBe(`MALFORMED\n\nHIGH MALFORMED_POLICY: AWS would refuse this policy: it is empty; ${EXPECTED}\n`);
  });
});
