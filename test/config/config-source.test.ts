import { describe, expect, it } from 'vitest';
import {
  configMistake,
  parseConfigSource,
  parseRemoteConfigSource,
  remoteConfigMistake,
} from '../../lib/config/config-source.ts';
import { sourceText } from '../../lib/domain/config-source.ts';

describe('where a configuration is', () => {
  it.each([
    ['logseal.yaml', { type: 'FILE', path: 'logseal.yaml' }],
    ['C:\\logseal.yaml', { type: 'FILE', path: 'C:\\logseal.yaml' }],
    ['ssm:/logseal/config', { type: 'SSM', name: '/logseal/config' }],
    ['ssm:logseal', { type: 'SSM', name: 'logseal' }],
    ['ssm:/logseal/config:3', { type: 'SSM', name: '/logseal/config:3' }],
    ['s3://bucket/logseal.yaml', { type: 'S3', bucket: 'bucket', key: 'logseal.yaml' }],
    ['s3://my.bucket/a/b c.yaml', { type: 'S3', bucket: 'my.bucket', key: 'a/b c.yaml' }],
  ])('%s', (text, source) => {
    expect(parseConfigSource(text)).toEqual(source);
    expect(configMistake(text)).toBeUndefined();
  });

  it.each([
    '',
    'ssm:',
    'ssm:/a b',
    'ssm:a/',
    's3://bucket',
    's3://bucket/',
    's3://B/key',
    's3:bucket/key',
    'https://x/y',
    'SSM:x',
  ])('%j is no place', (text) => {
    expect(configMistake(text)).toBe(`expected a file, ssm:NAME or s3://BUCKET/KEY, got ${JSON.stringify(text)}`);
  });

  it.each(['ssm:/logseal/config', 's3://my.bucket/a/b.yaml'])('%s is written as it was read', (text) => {
    const source = parseRemoteConfigSource(text);
    expect(source && sourceText(source)).toBe(text);
  });

  it('a function has no files', () => {
    expect(remoteConfigMistake('logseal.yaml')).toBe('expected ssm:NAME or s3://BUCKET/KEY, got "logseal.yaml"');
    expect(remoteConfigMistake('ssm:logseal')).toBeUndefined();
    expect(parseRemoteConfigSource('s3://bucket/key')).toEqual({ type: 'S3', bucket: 'bucket', key: 'key' });
  });
});
