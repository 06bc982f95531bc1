import { type AlibabaOptions, createAlibabaCloud } from './alibaba/cloud.ts';
import { createUnauthenticatedCloud } from './alibaba/unauthenticated.ts';
import type { Cloud, CloudOf } from './app/ports.ts';
import { targetKey } from './domain/target.ts';

/** Where Alibaba Cloud is, and in whose name it is called. */
export interface AlibabaCloudsOptions extends Pick<AlibabaOptions, 'maxAttempts' | 'wait' | 'onLongRetry'> {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** '' when it is not known. */
  readonly account: string;
  /** The RAM role by which SLS uses the key. */
  readonly roleArn: string | null;
}

/**
 * Alibaba Cloud, one target at a time, by the credentials and endpoints of the environment. With endpoints for SLS and KMS and
 * none for RAM, RAM is not called. Without credentials, every call fails with CREDENTIALS.
 */
export function alibabaClouds({ environment, ...options }: AlibabaCloudsOptions): CloudOf {
  const clouds = new Map<string, Cloud>();
  return (target) => {
    const known = clouds.get(targetKey(target));
    if (known) return known;
    const cloud = cloudIn(target.region, environment, options);
    clouds.set(targetKey(target), cloud);
    return cloud;
  };
}

function cloudIn(
  region: string,
  environment: AlibabaCloudsOptions['environment'],
  options: Omit<AlibabaCloudsOptions, 'environment'>,
): Cloud {
  const accessKeyId = environment['ALIBABA_CLOUD_ACCESS_KEY_ID'];
  const accessKeySecret = environment['ALIBABA_CLOUD_ACCESS_KEY_SECRET'];
  const securityToken = environment['ALIBABA_CLOUD_SECURITY_TOKEN'];
  if (!accessKeyId || !accessKeySecret) {
    const why = 'ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set';
    return createUnauthenticatedCloud(why);
  }
  const slsEndpoint = environment['LOGSEAL_SLS_ENDPOINT'];
  const kmsEndpoint = environment['LOGSEAL_ALIBABA_KMS_ENDPOINT'];
  const ramEndpoint = environment['LOGSEAL_ALIBABA_RAM_ENDPOINT'];
  return createAlibabaCloud(region, {
    ...options,
    credentials: { accessKeyId, accessKeySecret, ...(securityToken && { securityToken }) },
    ...(slsEndpoint && { slsEndpoint }),
    ...(kmsEndpoint && { kmsEndpoint }),
    ...(ramEndpoint && { ramEndpoint }),
    mayCallRam: Boolean(ramEndpoint) || !(slsEndpoint && kmsEndpoint),
  });
}
