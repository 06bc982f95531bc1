import { PROVIDERS } from '../domain/providers/index.ts';
import { logsPrincipalMistakes } from './logs-principal.ts';

/** The mistakes in what the environment says of AWS and Alibaba Cloud. */
export function environmentMistakes(environment: Readonly<Record<string, string | undefined>>): string[] {
  return [...endpointMistakes(environment), ...logsPrincipalMistakes(environment)];
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
