/** What an operation throws to be answered as the service's own error, for instance `ResourceNotFoundException`. */
export class ServiceError extends Error {
  readonly status: number;

  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** AWS's words for a field that breaks its model. */
export function brokenConstraint(value: unknown, field: string, rule: string): string {
  return `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: Member must ${rule}`;
}

/** CloudWatch Logs' answer to a request that it cannot take. */
export function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterException', message);
}
