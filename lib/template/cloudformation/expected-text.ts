import { UsageError } from '../../errors.ts';
import { isIntrinsic } from './evaluate.ts';

/** What is wrong with fields or a list where CloudFormation takes a text. */
export function expectedText(at: string, value: object): UsageError {
  const [field = ''] = Object.keys(value);
  const hint = isIntrinsic(`Fn::${field}`) ? `: ${field} is written Fn::${field}` : '';
  const got = Array.isArray(value) ? 'a list' : JSON.stringify(value);
  return new UsageError([`${at}: expected a text, got ${got}${hint}`]);
}
