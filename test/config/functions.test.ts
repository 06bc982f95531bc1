import { describe, expect, it } from 'vitest';
import { readRemediateConfig, readScanConfig } from '../../lib/config/functions.ts';
import { UsageError } from '../../lib/errors.ts';

describe('the configuration of the functions', () => {
  const ENVIRONMENT = {
    AWS_REGION: 'eu-west-1',
    LOGSEAL_REGIONS: 'eu-west-1,us-east-1,eu-west-1',
    LOGSEAL_BUS: 'logseal-Bus',
    LOGSEAL_QUERY_RESULTS: 'true',
    LOGSEAL_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/queue',
    LOGSEAL_MODE: 'Enforce',
    LOGSEAL_KEY: 'alias/logseal',
    LOGSEAL_JOURNAL_TABLE: 'logseal-Journal',
    LOGSEAL_SCAN_TABLE: 'logseal-Scans',
  };
  const mistakesOf = (read: () => unknown): readonly string[] => {
    try {
      read();
    } catch (error) {
      if (error instanceof UsageError) return error.mistakes;
      throw error;
    }
    return [];
  };

  it('is read from the environment, each Region once', () => {
    const where = {
      ...{ homeRegion: 'eu-west-1', regions: ['eu-west-1', 'us-east-1'], members: null, busName: 'logseal-Bus' },
    };
    const what = { queryResults: true, logsPrincipal: null, mode: 'Enforce', key: 'alias/logseal', configSource: null };
    const common = { ...where, ...what, queueUrl: ENVIRONMENT.LOGSEAL_QUEUE_URL };

    expect(readScanConfig(ENVIRONMENT)).toEqual({ ...common, scanTable: 'logseal-Scans' });
    expect(readRemediateConfig(ENVIRONMENT)).toEqual({
      ...common,
      journalTable: 'logseal-Journal',
      scanTable: 'logseal-Scans',
    });
    expect(readRemediateConfig({ ...ENVIRONMENT, LOGSEAL_MODE: 'Audit' }).mode).toBe('Audit');
    expect(readScanConfig({ ...ENVIRONMENT, LOGSEAL_QUERY_RESULTS: 'false' }).queryResults).toBe(false);
  });

  it('may name a configuration file in AWS', () => {
    const sourceOf = (uri: string) => readScanConfig({ ...ENVIRONMENT, LOGSEAL_CONFIG_URI: uri }).configSource;

    expect(sourceOf('ssm:/logseal/config')).toEqual({ type: 'SSM', name: '/logseal/config' });
    expect(sourceOf('s3://a-bucket/a/key.yaml')).toEqual({ type: 'S3', bucket: 'a-bucket', key: 'a/key.yaml' });
    expect(sourceOf('')).toBeNull();
    expect(mistakesOf(() => sourceOf('logseal.yaml'))).toEqual([
      'LOGSEAL_CONFIG_URI: expected ssm:NAME or s3://BUCKET/KEY, got "logseal.yaml"',
    ]);
  });

  it('may name the service principal of CloudWatch Logs', () => {
    const principal = 'logs.eusc-de-east-1.amazonaws.eu';
    expect(readScanConfig({ ...ENVIRONMENT, LOGSEAL_LOGS_PRINCIPAL: principal }).logsPrincipal).toBe(principal);
    expect(readScanConfig({ ...ENVIRONMENT, LOGSEAL_LOGS_PRINCIPAL: '' }).logsPrincipal).toBeNull();
  });

  it('is refused with every mistake at once', () => {
    const common = {
      AWS_REGION: 'Europe',
      AWS_ENDPOINT_URL: 'x',
      LOGSEAL_LOGS_PRINCIPAL: 'garbage',
      LOGSEAL_REGIONS: 'eu-west-1,x,',
      LOGSEAL_BUS: 'a b',
      LOGSEAL_QUERY_RESULTS: 'True',
      LOGSEAL_QUEUE_URL: 'queue',
      LOGSEAL_MODE: 'enforce',
      LOGSEAL_KEY: '1234abcd-12ab-34cd-56ef-1234567890ab',
    };
    for (const [read, table] of [
      [readScanConfig, { LOGSEAL_SCAN_TABLE: 'ab' }],
      [readRemediateConfig, { LOGSEAL_JOURNAL_TABLE: 'ab', LOGSEAL_SCAN_TABLE: 'ab' }],
    ] as const) {
      const environment = { ...common, ...table };
      const names = mistakesOf(() => read(environment)).map((mistake) => mistake.split(':')[0]);
      expect(names.toSorted()).toEqual(Object.keys(environment).toSorted());
    }
  });

  it('is refused with a key that AWS manages', () => {
    expect(mistakesOf(() => readRemediateConfig({ ...ENVIRONMENT, LOGSEAL_KEY: 'alias/aws/ssm' }))).toEqual([
      expect.stringMatching(/^LOGSEAL_KEY: expected a customer managed key, got "alias\/aws\/ssm": /),
    ]);
  });

  it.each(['', 'yes', 'TRUE', '1', ' true'])('is refused if LOGSEAL_QUERY_RESULTS is %j', (text) => {
    expect(mistakesOf(() => readScanConfig({ ...ENVIRONMENT, LOGSEAL_QUERY_RESULTS: text }))).toEqual([
      `LOGSEAL_QUERY_RESULTS: expected true or false, got ${JSON.stringify(text)}`,
    ]);
  });

  it.each(Object.keys(ENVIRONMENT))('is refused without %s', (name) => {
    const read = name === 'LOGSEAL_SCAN_TABLE' ? readScanConfig : readRemediateConfig;
    expect(mistakesOf(() => read({ ...ENVIRONMENT, [name]: undefined }))).toEqual([
      expect.stringContaining(`${name}: expected `),
    ]);
  });
});
