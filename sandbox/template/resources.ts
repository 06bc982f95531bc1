import { formatArn } from '../../lib/domain/arn.ts';
import { kmsArn, newKey, partitionOf } from '../state.ts';

/** Where a stack stands, and what it is called. */
export interface StackPlace {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  /** Of the sandbox; the queues' URLs begin with it. */
  readonly url: string;
}

/** What `!Ref` and `!GetAtt` answer for a resource. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** @param property the resource's own property, with its intrinsics carried out */
type Identify = (place: StackPlace, name: string, property: (name: string) => unknown) => Identity;

const referenceOnly: Identify = (_place, ref) => ({ ref, attributes: {} });

/** Every type that the sandbox knows; the last ones are read but need nothing here. */
export const RESOURCE_TYPES: Readonly<Record<string, Identify>> = {
  'AWS::KMS::Key'({ account, region }, name) {
    const { KeyId, Arn } = newKey(account, region, name, { KeyState: 'Enabled', policyText: '' });
    return { ref: KeyId, attributes: { Arn } };
  },
  'AWS::KMS::Alias'({ account, region }, _name, property) {
    const ref = String(property('AliasName'));
    return { ref, attributes: { Arn: kmsArn(account, region, ref) } };
  },
  'AWS::Events::EventBus'(place, _name, property) {
    const Name = String(property('Name'));
    return { ref: Name, attributes: { Name, Arn: arn(place, 'events', `event-bus/${Name}`) } };
  },
  'AWS::Events::Rule'(place, name, property) {
    const bus = property('EventBusName');
    return { ref: name, attributes: { Arn: arn(place, 'events', `rule/${bus ? `${bus}/` : ''}${name}`) } };
  },
  'AWS::SQS::Queue'(place, name, property) {
    const QueueName = String(property('QueueName') ?? name);
    return { ref: queueUrl(place, QueueName), attributes: { QueueName, Arn: arn(place, 'sqs', QueueName) } };
  },
  'AWS::Serverless::Function'(place, name, property) {
    const ref = String(property('FunctionName') ?? name);
    return { ref, attributes: { Arn: arn(place, 'lambda', `function:${ref}`) } };
  },
  'AWS::IAM::Role'(place, name, property) {
    const ref = String(property('RoleName') ?? name);
    return { ref, attributes: { Arn: arn({ ...place, region: '' }, 'iam', `role/${ref}`, place.region) } };
  },
  'AWS::Logs::LogGroup'(place, name, property) {
    const ref = String(property('LogGroupName') ?? name);
    return { ref, attributes: { Arn: arn(place, 'logs', `log-group:${ref}:*`) } };
  },
  'AWS::SQS::QueuePolicy': referenceOnly,
  'AWS::Lambda::Permission': referenceOnly,
  'AWS::CloudWatch::Alarm': referenceOnly,
  'AWS::CloudWatch::Dashboard': referenceOnly,
};

function queueUrl({ url, account }: StackPlace, name: string): string {
  return `${url}/${account}/${name}`;
}

type Place = Pick<StackPlace, 'account' | 'region'>;

/** @param home the Region that decides the partition of an ARN without a Region */
function arn({ account, region }: Place, service: string, resource: string, home = region): string {
  return formatArn({ partition: partitionOf(home), service, region, account, resource });
}
