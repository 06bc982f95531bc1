import type { ConfigSource, RemoteConfigSource } from '../domain/config-source.ts';
import type { Mistake } from '../domain/providers/provider.ts';

/** SSM API, `GetParameter`: a name may have levels, and ends with `:VERSION` or `:LABEL` where one of several is meant. */
const PARAMETER = /^ssm:(\/?[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*(?::[A-Za-z0-9_.-]+)?)$/;
const MAX_PARAMETER = 1_011;
/** S3 User Guide, "General purpose bucket naming rules" and "Naming Amazon S3 objects". */
const OBJECT = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([^\p{Cc}\p{Cf}]{1,1024})$/u;
/** What is meant as a source in AWS, and is no file's name. */
const SCHEME = /^(ssm|s3|https?|arn|file):/i;

/** Reads what `--config` says. @returns undefined where `configMistake` has one */
export function parseConfigSource(text: string): ConfigSource | undefined {
  return parseRemoteConfigSource(text) ?? (text === '' || SCHEME.test(text) ? undefined : { type: 'FILE', path: text });
}

export function configMistake(text: string): Mistake {
  return parseConfigSource(text)
    ? undefined
    : `expected a file, ssm:NAME or s3://BUCKET/KEY, got ${JSON.stringify(text)}`;
}

export function remoteConfigMistake(text: string): Mistake {
  return parseRemoteConfigSource(text)
    ? undefined
    : `expected ssm:NAME or s3://BUCKET/KEY, got ${JSON.stringify(text)}`;
}

/** Reads what a function is configured with, which has no files. @returns undefined where `remoteConfigMistake` has one */
export function parseRemoteConfigSource(text: string): RemoteConfigSource | undefined {
  const [, name] = PARAMETER.exec(text) ?? [];
  if (name !== undefined) return name.length > MAX_PARAMETER ? undefined : { type: 'SSM', name };
  const [, bucket, key] = OBJECT.exec(text) ?? [];
  return bucket === undefined || key === undefined ? undefined : { type: 'S3', bucket, key };
}
