import { PRINCIPAL_VARIABLE } from '../domain/key-policy/service-call.ts';
import { PROVIDERS } from '../domain/providers/index.ts';

/** The mistakes in what the environment says of AWS and Alibaba Cloud. */
export function environmentMistakes(environment: Readonly<Record<string, string | undefined>>): string[] {
  const principal = environment[PRINCIPAL_VARIABLE];
  const isWrong = principal && !/^logs\.[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(principal);
  const mistake = `${PRINCIPAL_VARIABLE}: expected a service principal such as logs.REGION.SUFFIX, got ${JSON.stringify(principal)}`;
  return [...endpointMistakes(environment), ...(isWrong ? [mistake] : [])];
}

/** The endpoint variables of the environment whose value is not a URL. */
function endpointMistakes(environment: Readonly<Record<string, string | undefined>>): string[] {
  const names = Object.values(PROVIDERS).flatMap(({ endpointVariables }) => endpointVariables);
  return Object.entries(environment)
    .filter(([name, value]) => names.some((known) => name.startsWith(known)) && value && !isHttpUrl(value))
    .map(([name, value]) => `${name}: expected an http or https URL, got ${JSON.stringify(value)}`);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
