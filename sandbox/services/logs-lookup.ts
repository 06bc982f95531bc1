import { logGroupArn } from '../../lib/domain/stores/log-group.ts';
import { ServiceError } from '../service-error.ts';
import type { LogGroup } from '../state.ts';
import type { Call } from './service.ts';

/** @throws ServiceError when there is no such log group */
export function existing(call: Call, name: string): LogGroup {
  const group = call.state.logGroups.get(name);
  if (group) return group;
  throw new ServiceError('ResourceNotFoundException', 'The specified log group does not exist.');
}

/** The ARN of a log group in the caller's account, without `:*`. */
export function arnOf(call: Call, name: string): string {
  return logGroupArn(call.partition, { ...call, provider: 'aws' }, name);
}
