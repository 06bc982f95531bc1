/** An error that the client receives as the service's own, for instance `ResourceNotFoundException`. */
export class ServiceError extends Error {
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** AWS's message about a field that violates its model. */
export function brokenConstraint(value: unknown, field: string, rule: string): string {
  return `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: Member must ${rule}`;
}

/** CloudWatch Logs' error for an invalid request. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}
