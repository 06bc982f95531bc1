import { describe, expect, it } from 'vitest';
import { aDeskWith, CONFIG, scanOf } from './config-check-desk.ts';

describe('config check refuses', () => {
  it.each<[string, readonly string[]]>([
    ['config check', ['logseal: expected the configuration FILE to check, or - for standard input, got none']],
    ['config check logseal.yaml another', ['logseal: unexpected argument "another"']],
    [
      'config check ssm:/logseal',
      ['logseal: FILE: expected a file, or - for standard input, got "ssm:/logseal": config check calls nothing'],
    ],
    [
      'config check none.yaml',
      [expect.stringContaining('FILE: expected a file that can be read, got none.yaml (ENOENT')],
    ],
    ['config check .', [expect.stringContaining('FILE: expected a file that can be read, got . (EISDIR')]],
    [
      'config check large.yaml',
      ['logseal: FILE: expected a file that can be read, got large.yaml (it is larger than 1 MiB)'],
    ],
    [
      'config check logseal.yaml --format json --output logseal.yaml',
      ['logseal: --output: expected another file than that of the configuration, got logseal.yaml'],
    ],
    [
      'config check logseal.yaml --scan scan.json --output scan.json',
      ['logseal: --output: expected another file than that of the scan, got scan.json'],
    ],
    [
      'config check logseal.yaml --scan none.json',
      [expect.stringContaining('--scan: expected what logseal scan --format json writes, got none.json (ENOENT')],
    ],
    [
      'config check logseal.yaml --scan logseal.yaml',
      [
        expect.stringContaining(
          'logseal: --scan: expected what logseal scan --format json writes, got logseal.yaml (expected JSON',
        ),
      ],
    ],
    [
      'config check logseal.yaml --scan edited.json',
      [
        'logseal: --scan: expected what logseal scan --format json writes, got edited.json (findings[0]: region: expected a Region of the provider; expected an ARN that is made of the same account, Region and name)',
      ],
    ],
    ['config check logseal.yaml --scan plan.json', [expect.stringContaining('got plan.json (schema: ')]],
  ])('%s', async (words, mistakes) => {
    const desk = await aDeskWith({
      'logseal.yaml': CONFIG,
      'large.yaml': '#'.repeat(5_000_000),
      'scan.json': scanOf(['/a'], 'COMPLETE'),
      'edited.json': scanOf(['/a'], 'COMPLETE').replace('"region":"eu-west-1"', '"region":"nowhere"'),
      'plan.json': scanOf([], 'COMPLETE').replace('logseal/scan/1', 'logseal/plan/1'),
    });

    const { status, stdout, stderr } = await desk.run(words);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([...mistakes, 'see logseal config check --help']);
  });
});
