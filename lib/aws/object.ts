import { Readable } from 'node:stream';
import { createCalls } from './calls.ts';
import { type AwsOptions, clientSettings } from './clients.ts';

const GET = 's3:GetObject';

/**
 * An object of S3. Loads its SDK client.
 * @param maxBytes of a larger object only so many bytes and some more are read
 * @throws CloudError, also where the connection ends before the object does
 */
export async function readObject(
  region: string,
  { bucket, key }: { readonly bucket: string; readonly key: string },
  maxBytes: number,
  options: AwsOptions,
): Promise<Uint8Array> {
  const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ ...clientSettings(region, options), forcePathStyle: hasOwnEndpoint() });
  try {
    return await createCalls().make(GET, async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body instanceof Readable ? await bounded(Body, maxBytes) : new Uint8Array();
    });
  } finally {
    client.destroy();
  }
}

/** Ends the stream, and so the connection, as soon as there is more. */
async function bounded(body: Readable, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break;
  }
  return Buffer.concat(chunks);
}

/** Emulators have no host for each bucket. */
function hasOwnEndpoint(): boolean {
  return Boolean(process.env['AWS_ENDPOINT_URL_S3'] || process.env['AWS_ENDPOINT_URL']);
}
