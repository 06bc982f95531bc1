import { type AlibabaOptions, createAlibabaCloud } from './alibaba/cloud.ts';
import type { Cloud, CloudOf } from './app/ports.ts';
import { CloudError } from './errors.ts';

/** Where Alibaba Cloud is, and in whose name it is called. */
export interface AlibabaCloudsOptions extends Pick<AlibabaOptions, 'maxAttempts' | 'wait'> {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** '' when it is not known. */
  readonly account: string;
  /** The RAM role by which SLS uses the key. */
  readonly roleArn: string | null;
  readonly acceptsServiceKey: boolean;
}

/**
 * Alibaba Cloud, one Region at a time, by the credentials and endpoints of the environment. With endpoints for SLS and KMS and none for RAM, RAM is not called.
 * @throws CloudError when there are no credentials
 */
export function alibabaClouds(options: AlibabaCloudsOptions): CloudOf {
  const { environment, account, roleArn, acceptsServiceKey, maxAttempts, wait } = options;
  const accessKeyId = environment['ALIBABA_CLOUD_ACCESS_KEY_ID'];
  const accessKeySecret = environment['ALIBABA_CLOUD_ACCESS_KEY_SECRET'];
  const securityToken = environment['ALIBABA_CLOUD_SECURITY_TOKEN'];
  if (!accessKeyId || !accessKeySecret) {
    const what = 'ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set';
    throw new CloudError('CREDENTIALS', 'log:ListProject', what);
  }
  const slsEndpoint = environment['LOGSEAL_SLS_ENDPOINT'];
  const kmsEndpoint = environment['LOGSEAL_ALIBABA_KMS_ENDPOINT'];
  const ramEndpoint = environment['LOGSEAL_ALIBABA_RAM_ENDPOINT'];
  const clouds = new Map<string, Cloud>();
  return ({ region }) => {
    const known = clouds.get(region);
    if (known) return known;
    const cloud = createAlibabaCloud(region, {
      credentials: { accessKeyId, accessKeySecret, ...(securityToken && { securityToken }) },
      account,
      roleArn,
      maxAttempts,
      wait,
      ...(slsEndpoint && { slsEndpoint }),
      ...(kmsEndpoint && { kmsEndpoint }),
      ...(ramEndpoint && { ramEndpoint }),
      mayCallRam: Boolean(ramEndpoint) || !(slsEndpoint && kmsEndpoint),
    });
    const keys = { ...cloud.keys, acceptsServiceKey };
    const whole: Cloud = { ...cloud, keys };
    clouds.set(region, whole);
    return whole;
  };
}
