import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatArn, parseArn } from '../../lib/domain/arn.ts';

describe('an ARN', () => {
  it('falls into six parts, the last of which may hold colons', () => {
    expect(parseArn('arn:aws-cn:logs:cn-north-1:111122223333:log-group:/a:*')).toEqual({
      partition: 'aws-cn',
      service: 'logs',
      region: 'cn-north-1',
      account: '111122223333',
      resource: 'log-group:/a:*',
    });
  });

  it('may lack a Region and an account', () => {
    expect(parseArn('arn:aws:s3:::bucket')).toMatchObject({ region: '', account: '', resource: 'bucket' });
  });

  it.each([
    '',
    'alias/logseal',
    'arn',
    'arn:aws:kms:eu-west-1:111122223333',
    'ARN:aws:kms:a:b:c',
    'arn::kms:a:b:c',
    'arn:aws::a:b:c',
  ])('is not %j', (text) => {
    expect(parseArn(text)).toBeUndefined();
  });

  it('is the same text again once it is put together', () => {
    const part = fc.stringMatching(/^[a-z0-9-]+$/);
    fc.assert(
      fc.property(part, part, part, part, fc.string(), (partition, service, region, account, resource) => {
        const arn = { partition, service, region, account, resource };

        expect(parseArn(formatArn(arn))).toEqual(arn);
      }),
    );
  });
});
