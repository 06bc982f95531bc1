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
