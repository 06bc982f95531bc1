import { isFields } from '../../domain/template/fields.ts';
import { intrinsicOf, isIntrinsic } from './evaluate.ts';
import { isLoop } from './for-each.ts';

/** Why what stands in the place of a resource is not evaluated; null: it is a resource, or is meant to be one. */
export function whyNotEvaluated(id: string, resource: unknown): string | null {
  if (isLoop(id))
    return 'the list of Fn::ForEach is not known (--parameter NAME=VALUE gives the list of a parameter), or is too long';
  if (id.startsWith('Fn::')) return 'what a macro puts there is not known';
  if (!isFields(resource)) return null;
  const name = intrinsicOf(resource);
  if (name === undefined) return isFields(resource['Type']) ? 'its Type is an expression' : null;
  // `!Rain::Module x` and the like.
  return isIntrinsic(name) || name === 'Fn::Transform'
    ? `${name} makes it`
    : `${name} is no function of CloudFormation, but of another tool`;
}

const WITH_LOG_GROUPS = /^AWS::(Logs::LogGroup|Lambda::Function|Serverless::Function)$/;
/** Choice: so many parts of a loop are read to find out what it has. */
const MAX_PARTS = 100_000;

/** Whether a loop that is not evaluated may add log groups, or functions that make them. */
export function mayAddLogGroups(loop: unknown): boolean {
  const left = [loop];
  for (let parts = 0; left.length > 0; parts++) {
    const part = left.pop();
    if (parts === MAX_PARTS || (typeof part === 'string' && WITH_LOG_GROUPS.test(part))) return true;
    if (typeof part === 'object' && part !== null) left.push(...Object.values(part));
  }
  return false;
}

const SECRETS = /^AWS::SecretsManager-\d{4}-\d{2}-\d{2}$/;

/** Whether a transform of AWS adds no more than `hostedRotation` tells. */
export function isOfSecretsManager(transform: string): boolean {
  return SECRETS.test(transform);
}

/** What AWS::SecretsManager adds for a resource: a nested stack with a Lambda function (CloudFormation Template Reference); null: nothing. */
export function hostedRotation(id: string, type: unknown, properties: unknown): string | null {
  if (type !== 'AWS::SecretsManager::RotationSchedule' || !isFields(properties)) return null;
  if (properties['HostedRotationLambda'] === undefined) return null;
  return `the nested stack with the Lambda function of ${id} is not seen: AWS::SecretsManager adds it, and CloudWatch Logs creates the log group of that function`;
}
