import type { Provider } from '../domain/target.ts';
import type { CloudErrorCode } from '../errors.ts';

const LOG_IN: Readonly<Record<Provider, string>> = {
  aws: 'log in, or name a profile that exists with --profile or AWS_PROFILE (aws sts get-caller-identity tells)',
  alibaba: 'set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET to those of a key that works',
};
const ENDPOINTS: Readonly<Record<Provider, string>> = {
  aws: 'AWS_ENDPOINT_URL',
  alibaba: 'LOGSEAL_SLS_ENDPOINT, LOGSEAL_ALIBABA_KMS_ENDPOINT',
};

/** What fixes a call that failed for good; undefined: its own words have to do. */
export function fixFor(code: CloudErrorCode, provider: Provider): string | undefined {
  switch (code) {
    case 'CREDENTIALS':
      return LOG_IN[provider];
    case 'NETWORK':
      return `look at the network, at --region, and at the endpoint in the environment if one is set (${ENDPOINTS[provider]})`;
    case 'ACCESS_DENIED':
      return 'allow the caller the call that is named';
    case 'THROTTLED':
      return 'try again when there are fewer other calls';
    case 'UNAVAILABLE':
      return 'try again';
    default:
      return undefined;
  }
}
