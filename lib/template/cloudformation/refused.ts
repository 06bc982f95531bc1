import { isFields } from '../../domain/template/fields.ts';
import type { TemplateNote } from '../../domain/template/note.ts';
import type { ReadOptions } from '../file-kind.ts';
import type { TemplateDocument } from './document.ts';
import { isListType } from './parameters.ts';
import type { WrittenResource, WrittenTemplate } from './shape.ts';

/** CloudFormation User Guide, "CloudFormation template sections". */
const SECTIONS = [
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Rules',
  'Mappings',
  'Conditions',
  'Transform',
  'Resources',
  'Outputs',
  'Hooks',
];

/** Rain and `aws cloudformation package` replace these before the deployment. */
const OF_PACKAGING = ['Constants', 'Modules', 'Packages', 'Rain'];

/** Those that matter for log groups and their keys. */
const TYPES = [
  'AWS::Logs::LogGroup',
  'AWS::KMS::Key',
  'AWS::KMS::Alias',
  'AWS::KMS::ReplicaKey',
  'AWS::Lambda::Function',
  'AWS::Serverless::Function',
];

/** The sections and types of a template that CloudFormation does not have, so that it refuses the template. */
export function refusedIn(template: WrittenTemplate, { root, lineOf }: TemplateDocument): TemplateNote[] {
  const { file, resources, isOpen, isOfSam } = template;
  if (isOpen || !isFields(root)) return [];
  const known = [...SECTIONS, ...OF_PACKAGING, ...(isOfSam ? ['Globals'] : [])];
  const others = Object.keys(root).filter((name) => !known.includes(name) && !name.startsWith('Fn::'));
  return [
    ...others.map((name) => {
      const message = `${name} is not a section of a template, so CloudFormation refuses it: ${insteadOf(name, root[name])}`;
      return { file, line: lineOf(name) ?? 1, message };
    }),
    ...[...resources.values()].flatMap(({ id, type, line }) => {
      const meant = TYPES.find((one) => isMeant(one, type));
      if (meant === undefined) return [];
      return { file, line, message: `Resources.${id}: CloudFormation has no type ${type}: write ${meant}` };
    }),
  ];
}

function insteadOf(name: string, value: unknown): string {
  if (name === 'Globals') return 'write Transform: AWS::Serverless-2016-10-31, which takes it';
  const meant = SECTIONS.find((section) => isMeant(section, name) || section === `${name}s`);
  if (meant !== undefined) return `write ${meant}`;
  return isFields(value) && value['Type'] !== undefined
    ? 'indent it, so that it stands below Resources'
    : 'move it into Metadata, or remove it';
}

function isMeant(real: string, written: string): boolean {
  return real !== written && real.toLowerCase() === written.toLowerCase();
}

/** No property of a log group has such a name but `KmsKeyId`, nor has a field of a resource. */
const LIKE_A_KEY = /kms|key/i;

/** What is meant to be the key of a log group, but is not where CloudFormation takes one: what is wrong, and what to write instead. */
export interface Misplaced {
  readonly wrong: string;
  readonly instead: string;
}

/** What CloudFormation refuses in a log group as it is meant to be its key. */
export function misplacedIn({ type, properties, fields }: WrittenResource): Misplaced[] {
  const among = (names: readonly string[]) => names.filter((name) => LIKE_A_KEY.test(name) && name !== 'KmsKeyId');
  return [
    ...among(Object.keys(properties)).map((name) => ({
      wrong: `${name} is not a property of ${type}`,
      instead: `write KmsKeyId in the place of ${name}`,
    })),
    ...fields
      .filter((name) => LIKE_A_KEY.test(name))
      .map((name) => ({ wrong: `${name} stands outside of Properties`, instead: 'write KmsKeyId below Properties' })),
  ];
}

/** Values that CloudFormation refuses, as they are none of a parameter's `AllowedValues`. */
export function refusedParameters(
  { file, parameters }: WrittenTemplate,
  given: ReadOptions['parameters'],
): TemplateNote[] {
  return Object.entries(parameters).flatMap(([name, declared]) => {
    const value = given.get(name);
    const { AllowedValues: allowed, Type: type } = isFields(declared) ? declared : {};
    if (value === undefined || !Array.isArray(allowed)) return [];
    const items = isListType(type) ? value.split(',').map((item) => item.trim()) : [value];
    const wrong = items.filter((item) => !allowed.map(String).includes(item));
    const expected = new Intl.ListFormat('en', { type: 'disjunction' }).format(
      allowed.map((each) => JSON.stringify(each)),
    );
    return wrong.map((item) => ({
      file,
      line: null,
      message: `--parameter ${name}: expected ${expected}, its AllowedValues, got ${JSON.stringify(item)}`,
    }));
  });
}
