import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import type { RemoteConfigSource } from '../../lib/domain/config-source.ts';
import { awsConfigBytes } from '../../lib/runtime.ts';
import { REGION } from './world.ts';

const TEXT = 'schema: logseal/config/1 # é\n';

async function read(source: RemoteConfigSource): Promise<string> {
  return Buffer.from(await awsConfigBytes(source, { region: REGION, maxBytes: 1_000 })).toString();
}

/** What the adapter of SSM promises about a configuration. */
export function describeParameterContract(): void {
  test.each(['String', 'SecureString'] as const)(
    'a configuration is read from a parameter of the type %s',
    async (Type) => {
      const name = `/logseal/${Type}`;
      await new SSMClient({ region: REGION }).send(new PutParameterCommand({ Name: name, Value: TEXT, Type }));

      expect(await read({ type: 'SSM', name })).toBe(TEXT);
      expect(await read({ type: 'SSM', name: `${name}:1` })).toBe(TEXT);
    },
  );

  test('a parameter that does not exist is not found', async () => {
    await expect(read({ type: 'SSM', name: '/none' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      call: 'ssm:GetParameter',
    });
  });
}

/** What the adapter of S3 promises about a configuration. */
export function describeObjectContract(): void {
  test('a configuration is read from an object', async () => {
    const client = new S3Client({ region: REGION, forcePathStyle: true });
    await client.send(
      new CreateBucketCommand({ Bucket: 'config', CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
    await client.send(new PutObjectCommand({ Bucket: 'config', Key: 'a b/é.yaml', Body: TEXT }));

    expect(await read({ type: 'S3', bucket: 'config', key: 'a b/é.yaml' })).toBe(TEXT);
  });

  test.each(['config', 'no-such-bucket'])(
    'an object that does not exist in the bucket %s is not found',
    async (bucket) => {
      await expect(read({ type: 'S3', bucket, key: 'none' })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        call: 's3:GetObject',
      });
    },
  );
}
