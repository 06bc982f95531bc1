import { PROVIDERS } from '../domain/providers/index.ts';
import type { Provider } from '../domain/target.ts';
import type { CloudErrorCode } from '../errors.ts';

/** What only a run with an external id is told. */
export const WITH_EXTERNAL_ID = ' and asks for no external id other than --external-id';

/** What a person can do about a call that failed for good; undefined: the cloud's own message has to do. */
export function fixForFailure(code: CloudErrorCode, provider: Provider): string | undefined {
  const { logInFix, endpointVariables } = PROVIDERS[provider];
  switch (code) {
    case 'CREDENTIALS':
      return logInFix;
    case 'NETWORK':
      return `check the network, --region, and the endpoint in the environment if one is set (${endpointVariables.join(', ')})`;
    case 'ACCESS_DENIED':
      return 'allow the caller to make the call named in the message';
    case 'ROLE_REFUSED':
      return `check that the role exists in that account, that its trust policy admits the caller named in the message${WITH_EXTERNAL_ID}, and that the policies of the caller allow sts:AssumeRole on it`;
    case 'ORGANIZATION_UNREADABLE':
      return "run this in the organization's management account, or in an account that is a delegated administrator of some AWS service there";
    case 'REGION_DISABLED':
      return 'enable the Region in that account, or leave it out';
    case 'THROTTLED':
      return 'try again when there are fewer other calls';
    case 'UNAVAILABLE':
      return 'try again';
    case 'NOT_FOUND':
    case 'INVALID_REQUEST':
      return undefined;
  }
}
