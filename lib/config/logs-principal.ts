import { PRINCIPAL_VARIABLE } from '../domain/key-policy/service-call.ts';
import { logsPrincipalMistake } from '../domain/providers/aws.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The service principal of CloudWatch Logs that the environment names; null: it names none. */
export function readLogsPrincipal(environment: Environment): string | null {
  return environment[PRINCIPAL_VARIABLE] || null;
}

/** The mistake in that variable, if there is one. */
export function logsPrincipalMistakes(environment: Environment): string[] {
  const principal = readLogsPrincipal(environment);
  const mistake = principal === null ? undefined : logsPrincipalMistake(principal);
  return mistake ? [`${PRINCIPAL_VARIABLE}: ${mistake}`] : [];
}
