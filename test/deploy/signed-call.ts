import { createHash, createHmac } from 'node:crypto';

/** An endpoint that verifies signatures, with its Region and the account root that calls it. */
export interface Endpoint {
  readonly url: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface SignedCall {
  /** The service's name in the signature: `sqs`, `lambda`. */
  readonly service: string;
  readonly method?: 'POST' | 'PUT';
  readonly path?: string;
  readonly target?: string;
  readonly body: string;
}

/**
 * Sends a request with Signature Version 4, for services without an SDK client in this project.
 * @throws Error with the answer unless it is a success
 */
export async function signedCall({ url, region, credentials }: Endpoint, call: SignedCall): Promise<Response> {
  const { service, method = 'POST', path = '/', target, body } = call;
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  const headers: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.0',
    host: new URL(url).host,
    'x-amz-date': time,
    ...(target && { 'x-amz-target': target }),
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = [method, path, '', lines.join(''), names, sha256(body)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')).toString('hex');
  const credential = `${credentials.accessKeyId}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`;
  const response = await fetch(`${url}${path}`, { method, headers: { ...headers, authorization }, body });
  if (response.ok) return response;
  throw new Error(`${target ?? path}: ${response.status} ${await response.text()}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
