import type { GetParameterResult, PutParameterResult } from '@aws-sdk/client-ssm';
import * as v from 'valibot';
import { formatArn } from '../../lib/domain/arn.ts';
import { strict } from '../parse.ts';
import { ServiceError } from '../service-error.ts';
import { json } from '../wire.ts';
import { readInput } from './read-input.ts';
import type { Call, Service } from './service.ts';

const INVALID = 'ValidationException';
/** Of a standard parameter. */
const MAX_BYTES = 4_096;

export const parameterName = v.pipe(v.string(), v.regex(/^[\w./-]{1,1011}$/, 'expected the name of a parameter'));
const getSchema = strict({ Name: v.string(), WithDecryption: v.optional(v.boolean(), false) });
const putSchema = strict({
  Name: parameterName,
  Value: v.pipe(
    v.string(),
    v.minLength(1),
    v.check((text) => Buffer.byteLength(text) <= MAX_BYTES, `expected at most ${MAX_BYTES} bytes`),
  ),
  Type: v.optional(v.picklist(['String', 'SecureString'])),
  Overwrite: v.optional(v.boolean(), false),
});

/**
 * Assumptions: the texts of errors, and the form of a SecureString that is not decrypted. A SecureString is under the key that AWS
 * manages for SSM, so that it takes no right on a key.
 */
function getParameter(call: Call, input: unknown): GetParameterResult {
  const { Name: given, WithDecryption } = readInput(getSchema, input, INVALID);
  const [Name = '', selector] = given.split(':');
  const known = call.state.parameters.get(Name);
  if (!known) throw new ServiceError('ParameterNotFound', '');
  const { value, type: Type, version: Version, changedAt: LastModifiedDate } = known;
  if (selector !== undefined && selector !== String(Version)) {
    throw new ServiceError(
      'ParameterVersionNotFound',
      `Systems Manager could not find version ${selector} of ${Name}.`,
    );
  }
  const isHidden = Type === 'SecureString' && !WithDecryption;
  const Value = isHidden ? Buffer.from(`sandbox:${value}`).toString('base64') : value;
  const facts = { Version, LastModifiedDate, ARN: arnOf(call, Name), DataType: 'text' };
  return { Parameter: { Name, Type, Value, ...(selector !== undefined && { Selector: `:${selector}` }), ...facts } };
}

function putParameter({ cloud, state }: Call, input: unknown): PutParameterResult {
  const { Name, Value: value, Type, Overwrite } = readInput(putSchema, input, INVALID);
  const known = state.parameters.get(Name);
  if (known && !Overwrite) throw new ServiceError('ParameterAlreadyExists', 'The parameter already exists.');
  const type = Type ?? known?.type;
  if (!type) throw new ServiceError(INVALID, 'A parameter type is required when you create a parameter.');
  const version = (known?.version ?? 0) + 1;
  state.parameters.set(Name, { value, type, version, changedAt: cloud.now() });
  return { Version: version, Tier: 'Standard' };
}

/** The slash that a name with levels begins with is that of the ARN. */
function arnOf({ partition, region, account }: Call, name: string): string {
  const [plain = ''] = name.split(':');
  const resource = `parameter${plain.startsWith('/') ? '' : '/'}${plain}`;
  return formatArn({ partition, service: 'ssm', region, account, resource });
}

/** AWS Systems Manager, for its parameters alone. */
export const ssm: Service = {
  name: 'ssm',
  endpoint: 'AmazonSSM',
  wire: json,
  operations: { GetParameter: getParameter, PutParameter: putParameter },
  unavailable: 'InternalServerError',
  resourceArns: (call, { Name }) => [arnOf(call, String(Name))],
};
