import { PRINCIPAL_VARIABLE } from '../domain/key-policy/service-call.ts';
import { regionMistake } from '../domain/providers/aws.ts';
import { PROVIDERS } from '../domain/providers/index.ts';

/** The mistakes in what the environment says of AWS and Alibaba Cloud. */
export function environmentMistakes(environment: Readonly<Record<string, string | undefined>>): string[] {
  return [...endpointMistakes(environment), ...principalMistakes(environment)];
}

/** The mistake in the service principal that a person names in the environment: it counts only with its Region. */
export function principalMistakes(environment: Readonly<Record<string, string | undefined>>): string[] {
  const principal = environment[PRINCIPAL_VARIABLE];
  if (!principal) return [];
  const [, region = ''] = /^logs\.([^.]+)(\.[a-z0-9-]+)+$/.exec(principal) ?? [];
  if (!regionMistake(region)) return [];
  return [
    `${PRINCIPAL_VARIABLE}: expected a service principal such as logs.REGION.SUFFIX, got ${JSON.stringify(principal)}`,
  ];
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
