import { describe, expect, it } from 'vitest';
import {
  accountMistake,
  endpointMistakes,
  keyArnMistake,
  keyMistake,
  logGroupArnMistake,
  readRemediateConfig,
  readScanConfig,
  regionMistake,
  tableMistake,
} from '../lib/config.ts';
import { UsageError } from '../lib/errors.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ALIAS_ARN = 'arn:aws:kms:eu-west-1:111122223333:alias/logseal';

describe('a key', () => {
  it.each([
    'alias/logseal',
    'alias/team/logs_2-EU',
    `alias/${'x'.repeat(250)}`,
    ALIAS_ARN,
    KEY_ARN,
    'arn:aws-cn:kms:cn-north-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab',
    'arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/logseal',
  ])('%s', (key) => {
    expect(keyMistake(key)).toBeUndefined();
  });

  it.each([
    '',
    'logseal',
    'alias/',
    'alias/a b',
    'alias/ä',
    `alias/${'x'.repeat(251)}`,
    ' alias/logseal',
    'Alias/logseal',
    'arn:aws:kms:eu-west-1:111122223333:key/',
    'arn:aws:kms:eu-west-1:111122223333:logseal',
    'arn:aws:kms::111122223333:key/1234',
    'arn:aws:kms:eu-west-1::key/1234',
    'arn:aws:kms:eu-west-1:1111:key/1234',
    'arn:aws:kms:Europe:111122223333:key/1234',
    'arn:aws:s3:eu-west-1:111122223333:key/1234',
    `${KEY_ARN}/x`,
    `${KEY_ARN}\n`,
  ])('is not %j', (key) => {
    expect(keyMistake(key)).toBe(`expected alias/NAME, an alias ARN or a key ARN, got ${JSON.stringify(key)}`);
  });

  it.each(['1234abcd-12ab-34cd-56ef-1234567890ab', 'mrk-1234abcd12ab34cd56ef1234567890ab'])(
    'is not the bare id %s, and why is said',
    (key) => {
      expect(keyMistake(key)).toContain('a bare key id names no Region and no account');
    },
  );

  it('is an ARN of a key where no alias can be looked up', () => {
    expect(keyArnMistake(KEY_ARN)).toBeUndefined();
    for (const key of [ALIAS_ARN, 'alias/logseal', '1234abcd-12ab-34cd-56ef-1234567890ab', '']) {
      expect(keyArnMistake(key)).toMatch(/^expected a key ARN such as .*, got "/);
    }
  });
});

describe('a Region', () => {
  it.each(['eu-west-1', 'us-gov-east-1', 'ap-southeast-10', 'cn-north-1', 'us-iso-east-1', 'eu-west-9'])(
    '%s',
    (region) => {
      expect(regionMistake(region)).toBeUndefined();
    },
  );

  it.each([
    '',
    'eu',
    'eu-west',
    'eu_west_1',
    'EU-WEST-1',
    'eu-west-1a',
    'eu-west-1 ',
    'eu-west-123',
    '1-eu-west',
    'a.b/c-d-1',
  ])('is not %j', (region) => {
    expect(regionMistake(region)).toBe(`expected a Region such as eu-west-1, got ${JSON.stringify(region)}`);
  });
});

it('an account has twelve digits', () => {
  expect(accountMistake('000000000000')).toBeUndefined();
  for (const account of ['', '1', '1111222233334', '11112222333a', '1111-2222-3333']) {
    expect(accountMistake(account)).toBe(`expected an account id of twelve digits, got ${JSON.stringify(account)}`);
  }
});

describe('the ARN of a log group', () => {
  const arnOf = (name: string) => `arn:aws:logs:eu-west-1:111122223333:log-group:${name}`;

  it.each(['/app/a', '/app/a:*', 'a#1', 'a_b-c.d', 'x'.repeat(512)])('of %s', (name) => {
    expect(logGroupArnMistake(arnOf(name))).toBeUndefined();
  });

  it.each(['', ':*', 'a b', 'a:b', 'a:log-stream:b', '*', 'x'.repeat(513)])('of %j is none', (name) => {
    expect(logGroupArnMistake(arnOf(name))).toMatch(/^expected a log group ARN such as /);
  });

  it.each([KEY_ARN, '/app/a', 'arn:aws:logs:eu-west-1:1:log-group:/a', 'arn:aws:logs::111122223333:log-group:/a'])(
    'is not %s',
    (text) => {
      expect(logGroupArnMistake(text)).toContain(`got ${JSON.stringify(text)}`);
    },
  );
});

describe('a table', () => {
  it.each(['abc', 'logseal-Journal_1.x', 'x'.repeat(255)])('%s', (name) => {
    expect(tableMistake(name)).toBeUndefined();
  });

  it.each(['', 'ab', 'x'.repeat(256), 'a b c', 'täble', 'arn:aws:dynamodb:eu-west-1:1:table/x'])(
    'is not %j',
    (name) => {
      expect(tableMistake(name)).toBe(`expected the name of a DynamoDB table, got ${JSON.stringify(name)}`);
    },
  );
});

describe('the endpoints of the SDK', () => {
  it.each(['http://127.0.0.1:4566', 'https://vpce-1.logs.eu-west-1.vpce.amazonaws.com/', ''])('may be %j', (url) => {
    expect(endpointMistakes({ AWS_ENDPOINT_URL: url, AWS_ENDPOINT_URL_KMS: undefined })).toEqual([]);
  });

  it('that are no URLs are all named', () => {
    const environment = {
      AWS_ENDPOINT_URL: 'localhost:4566',
      AWS_ENDPOINT_URL_KMS: 'not a url',
      AWS_ENDPOINT_URL_LOGS: 'ftp://x',
      AWS_ENDPOINT_URL_STS: 'http://ok',
      AWS_REGION: 'no url',
    };

    expect(endpointMistakes(environment)).toEqual([
      'AWS_ENDPOINT_URL: expected an http or https URL, got "localhost:4566"',
      'AWS_ENDPOINT_URL_KMS: expected an http or https URL, got "not a url"',
      'AWS_ENDPOINT_URL_LOGS: expected an http or https URL, got "ftp://x"',
    ]);
  });
});

describe('the configuration of the functions', () => {
  const ENVIRONMENT = {
    AWS_REGION: 'eu-west-1',
    LOGSEAL_REGIONS: 'eu-west-1,us-east-1,eu-west-1',
    LOGSEAL_BUS: 'logseal-Bus',
    LOGSEAL_QUERY_RESULTS: 'true',
    LOGSEAL_MODE: 'Enforce',
    LOGSEAL_KEY: 'alias/logseal',
    LOGSEAL_JOURNAL_TABLE: 'logseal-Journal',
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
    const where = { homeRegion: 'eu-west-1', regions: ['eu-west-1', 'us-east-1'], busName: 'logseal-Bus' };
    const common = { ...where, queryResults: true };
    const ofKey = { mode: 'Enforce', key: 'alias/logseal', journalTable: 'logseal-Journal' };

    expect(readScanConfig(ENVIRONMENT)).toEqual(common);
    expect(readRemediateConfig(ENVIRONMENT)).toEqual({ ...common, ...ofKey });
    expect(readRemediateConfig({ ...ENVIRONMENT, LOGSEAL_MODE: 'Audit' }).mode).toBe('Audit');
    expect(readScanConfig({ ...ENVIRONMENT, LOGSEAL_QUERY_RESULTS: 'false' }).queryResults).toBe(false);
  });

  it('is refused with every mistake at once', () => {
    const environment = {
      AWS_REGION: 'Europe',
      AWS_ENDPOINT_URL: 'x',
      LOGSEAL_REGIONS: 'eu-west-1,x,',
      LOGSEAL_BUS: 'a b',
      LOGSEAL_QUERY_RESULTS: 'True',
      LOGSEAL_MODE: 'enforce',
      LOGSEAL_KEY: '1234abcd-12ab-34cd-56ef-1234567890ab',
      LOGSEAL_JOURNAL_TABLE: 'ab',
    };

    const names = mistakesOf(() => readRemediateConfig(environment)).map((mistake) => mistake.split(':')[0]);
    expect(names.toSorted()).toEqual(Object.keys(environment).toSorted());
    expect(mistakesOf(() => readScanConfig(environment))).toHaveLength(5);
  });

  it.each(['', 'yes', 'TRUE', '1', ' true'])('is refused where query results are looked after is %j', (text) => {
    expect(mistakesOf(() => readScanConfig({ ...ENVIRONMENT, LOGSEAL_QUERY_RESULTS: text }))).toEqual([
      `LOGSEAL_QUERY_RESULTS: expected true or false, got ${JSON.stringify(text)}`,
    ]);
  });

  it.each(Object.keys(ENVIRONMENT))('is refused without %s', (name) => {
    expect(mistakesOf(() => readRemediateConfig({ ...ENVIRONMENT, [name]: undefined }))).toEqual([
      expect.stringContaining(`${name}: expected `),
    ]);
  });
});
