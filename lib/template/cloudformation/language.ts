import type { RepairStatement } from '../../domain/key-policy/build-statement.ts';
import { isFields } from '../../domain/template/fields.ts';
import { inLogGroup } from '../../domain/template/in-log-group.ts';
import type { Declared, DeclaredKey, TemplateLanguage } from '../../domain/template/model.ts';
import { isKnown } from '../../domain/template/unknown.ts';
import { freeIds } from '../free-ids.ts';
import { inCdk } from './cdk.ts';
import type { WrittenTemplate } from './shape.ts';

/** A key that has yet to be declared, as the documentation calls it. */
const NEW_KEY = 'LogsKey';

/** CloudFormation's JSON of what to add. */
type Part = string | readonly Part[] | PartFields;
type PartFields = { readonly [name: string]: Part };

/** What to add to a template, in YAML with the short forms of the intrinsics or in JSON. */
export function languageOf({ isJson, resources, parameters }: WrittenTemplate): TemplateLanguage {
  const freeId = freeIds([...resources.keys(), ...Object.keys(parameters)]);
  const arnOf = (key: DeclaredKey | null) => attributeOf(key?.id ?? freeId(NEW_KEY, ''));
  const write = (fields: { readonly [name: string]: Part }) =>
    isJson ? jsonFields(fields, '') : yamlFields(fields, '').trimEnd();
  return {
    keyState: {
      KEY_DISABLED: isJson ? '"Enabled": true' : 'Enabled: true',
      KEY_NOT_SYMMETRIC: `${write({ KeySpec: 'SYMMETRIC_DEFAULT' })}, which makes a new key`,
      KEY_WRONG_USAGE: `${write({ KeySpec: 'SYMMETRIC_DEFAULT' })} and ${write({ KeyUsage: 'ENCRYPT_DECRYPT' })}, which makes a new key`,
    },
    attachKey: (key, to) => inLogGroup(write(propertyOf(to, { KmsKeyId: arnOf(key) }))),
    principal: (name) => write({ Service: portable(name) }),
    statement: (statement) => (isJson ? json(portable(statement), '') : yaml([portable(statement)], '').trimEnd()),
    policy: (statement, to) =>
      write(
        propertyOf(to, { KeyPolicy: { Version: '2012-10-17', Statement: [DEFAULT_STATEMENT, portable(statement)] } }),
      ),
    logGroup({ id, name, writtenName = isKnown(name) ? name : null, condition }, key) {
      if (writtenName === null) return null;
      return write({
        [freeId(`${id}LogGroup`, name)]: {
          Type: 'AWS::Logs::LogGroup',
          ...(condition !== undefined && { Condition: condition }),
          Properties: { LogGroupName: partOf(writtenName), KmsKeyId: arnOf(key) },
        },
      });
    },
    inSource: inCdk,
  };
}

/** With `Properties` above it where the resource has none. */
function propertyOf({ isBare }: Declared, property: PartFields): PartFields {
  return isBare ? { Properties: property } : property;
}

function attributeOf(id: string): Part {
  return { 'Fn::GetAtt': [id, 'Arn'] };
}

/** KMS Developer Guide, "Default key policy". */
const DEFAULT_STATEMENT: Part = {
  Sid: 'Enable IAM User Permissions',
  Effect: 'Allow',
  Principal: { AWS: { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root' } },
  Action: 'kms:*',
  Resource: '*',
};

/** The statement for whichever Region and account the stack is deployed in. */
function portable(value: RepairStatement | RepairStatement[keyof RepairStatement] | unknown): Part {
  if (typeof value === 'string') return portableText(value);
  if (Array.isArray(value)) return value.map(portable);
  return Object.fromEntries(Object.entries(value ?? {}).map(([name, part]) => [name, portable(part)]));
}

const REGION = '${AWS::Region}';
const ACCOUNT = '${AWS::AccountId}';
const PARTITION = '${AWS::Partition}';

function portableText(text: string): Part {
  const written = text
    .replace(/^logs\.[^.]+\.(.+)$/, `logs.${REGION}.$1`)
    .replace(/^arn:[^:]*:logs:[^:]*:[^:]*:/, `arn:${PARTITION}:logs:${REGION}:${ACCOUNT}:`);
  return written === text ? text : { 'Fn::Sub': written };
}

/** An expression of CloudFormation, which takes a number as a text, too. */
function partOf(expression: unknown): Part {
  if (Array.isArray(expression)) return expression.map(partOf);
  if (!isFields(expression)) return String(expression);
  return Object.fromEntries(Object.entries(expression).map(([name, value]) => [name, partOf(value)]));
}

/** As long as JSON on one line is easy to read. */
const MAX_LINE = 60;

function json(part: Part, indent: string): string {
  const short = jsonLine(part);
  if (short.length <= MAX_LINE) return short;
  if (typeof part === 'string') return short;
  const inner = `${indent}  `;
  if (isList(part)) return `[\n${part.map((item) => inner + json(item, inner)).join(',\n')}\n${indent}]`;
  return `{\n${jsonFields(part, inner)}\n${indent}}`;
}

function jsonLine(part: Part): string {
  if (typeof part === 'string') return JSON.stringify(part);
  if (isList(part)) return `[${part.map(jsonLine).join(', ')}]`;
  const fields = Object.entries(part).map(([name, value]) => `${JSON.stringify(name)}: ${jsonLine(value)}`);
  return `{ ${fields.join(', ')} }`;
}

function jsonFields(fields: { readonly [name: string]: Part }, indent: string): string {
  return Object.entries(fields)
    .map(([name, part]) => `${indent}${JSON.stringify(name)}: ${json(part, indent)}`)
    .join(',\n');
}

function yaml(part: Part, indent: string): string {
  if (typeof part === 'string') return `${indent}${yamlText(part)}\n`;
  return isList(part)
    ? part.map((item) => `${indent}- ${yaml(item, `${indent}  `).slice(indent.length + 2)}`).join('')
    : yamlFields(part, indent);
}

function yamlFields(fields: { readonly [name: string]: Part }, indent: string): string {
  return Object.entries(fields)
    .map(([name, part]) => {
      const key = `${indent}${/^[A-Za-z][\w:]*$/.test(name) ? name : JSON.stringify(name)}:`;
      const short = shortForm(part);
      return short === null ? `${key}\n${yaml(part, `${indent}  `)}` : `${key} ${short}\n`;
    })
    .join('');
}

/** What stands on one line; null: nothing so short. */
function shortForm(part: Part): string | null {
  if (typeof part === 'string') return yamlText(part);
  if (isList(part)) return null;
  const { 'Fn::Sub': sub, 'Fn::GetAtt': attribute, Ref: name } = part;
  if (typeof name === 'string') return `!Ref ${name}`;
  if (typeof sub === 'string') return `!Sub ${yamlText(sub)}`;
  return attribute !== undefined && isList(attribute) ? `!GetAtt ${attribute.join('.')}` : null;
}

function isList(part: Part): part is readonly Part[] {
  return Array.isArray(part);
}

function yamlText(text: string): string {
  return /^[A-Za-z/][\w /.:${}-]*[\w}]$/.test(text) && !/: |^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
