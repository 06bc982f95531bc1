import type { Failure } from './failure.ts';

/** Where a configuration file is. */
export type ConfigSource =
  | { readonly type: 'FILE'; readonly path: string }
  | { readonly type: 'SSM'; readonly name: string }
  | { readonly type: 'S3'; readonly bucket: string; readonly key: string };

/** A source that AWS keeps. */
export type RemoteConfigSource = Exclude<ConfigSource, { readonly type: 'FILE' }>;

/** A source as it is configured. */
export function sourceText(source: RemoteConfigSource): string {
  return source.type === 'SSM' ? `ssm:${source.name}` : `s3://${source.bucket}/${source.key}`;
}

/** What a person can do about a configuration that could not be read. */
export function unreadFix({ code, call, isTransient, fix }: Failure): string {
  if (fix) return fix;
  if (code === 'NOT_FOUND') return 'correct the name of the configuration, or create it';
  return isTransient ? 'try again' : `allow the caller to call ${call}`;
}
