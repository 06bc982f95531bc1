import { type Fields, isFields } from '../../domain/template/fields.ts';
import type { TemplateNote } from '../../domain/template/note.ts';
import { isKnown } from '../../domain/template/unknown.ts';
import type { TemplateDocument } from './document.ts';
import { intrinsicOf } from './evaluate.ts';
import { expanded, isLoop, type ListOf } from './for-each.ts';
import { parameterValue } from './parameters.ts';
import { hostedRotation, isOfSecretsManager, mayAddLogGroups, whyNotEvaluated } from './unseen.ts';

/** A resource as a template writes it. */
export interface WrittenResource {
  readonly id: string;
  readonly type: string;
  readonly line: number;
  /** With SAM's globals. */
  readonly properties: Fields;
  /** The name of a condition; null: it is always there. */
  readonly condition: string | null;
  readonly metadata: Fields;
  /** A macro that may add properties; null: none. */
  readonly macro: string | null;
  /** The names of its fields: `Type`, `Properties` and the like. */
  readonly fields: readonly string[];
  /** All of it, as it stands in the template, without its metadata. */
  readonly written: Fields;
}

/** A template as it is written. */
export interface WrittenTemplate {
  readonly file: string;
  readonly isJson: boolean;
  /** Whether macros make the template that is deployed: SAM makes one resource several. */
  readonly isTransformed: boolean;
  /** Whether a macro that is not known may take whatever stands in it. */
  readonly isOpen: boolean;
  /** Whether SAM transforms it. */
  readonly isOfSam: boolean;
  /** Whether it may get resources that are not in it, as from a macro or a module. */
  readonly isPartial: boolean;
  /** What may add a log group to it, such as `the macro Mine`. */
  readonly adders: readonly string[];
  /** Why loops that have log groups are not evaluated. The others of the template are. */
  readonly unread: readonly TemplateNote[];
  readonly parameters: Fields;
  readonly mappings: Fields;
  readonly conditions: Fields;
  readonly outputs: Fields;
  readonly resources: ReadonlyMap<string, WrittenResource>;
}

/**
 * Reads the sections of a template. What is wrong goes to `mistakes`, and what cannot be seen to `warnings`.
 * @param given the value of a parameter; undefined: none is given
 * @returns undefined for what has no resources, and so is no template
 */
export function readShape(
  file: string,
  document: TemplateDocument,
  mistakes: TemplateNote[],
  warnings: TemplateNote[],
  given: (parameter: string) => unknown,
): WrittenTemplate | undefined {
  const { root, lineOf } = document;
  const note = (message: string, section: string, name?: string): TemplateNote => ({
    file,
    line: lineOf(section, name) ?? lineOf(section) ?? 1,
    message,
  });
  if (!isFields(root) || !isFields(root['Resources'])) return undefined;
  const section = (name: string): Fields => {
    const found = root[name] ?? {};
    if (isFields(found)) return found;
    mistakes.push(note(`expected fields in ${name}`, name));
    return {};
  };
  const transforms = transformsIn(root['Transform']);
  const ofSecretsManager = transforms.some(isOfSecretsManager);
  const macros = transforms.filter((name) => !TRANSFORMS.includes(name) && !isOfSecretsManager(name));
  for (const name of macros) {
    const message = `the macro ${name} is not known: what it adds to the template or changes is not seen`;
    warnings.push(note(message, 'Transform'));
  }
  const globals = section('Globals');
  const listOf: ListOf = (name) => textsIn(parameterValue(section('Parameters')[name], given(name)));
  const withoutLoops = (name: string): Fields =>
    Object.fromEntries(expanded(section(name), listOf).map((field) => [field.name, field.value]));
  const resources = new Map<string, WrittenResource>();
  const unread: TemplateNote[] = [];
  const adders = macros.filter(isForeign).map((name) => `the macro ${name}`);
  let isPartial = root['Transform'] !== undefined || TAKES_PARTS.some((name) => takesPart(section(name)));
  for (const { name: id, value: resource, writtenAs } of expanded(root['Resources'], listOf)) {
    const why = whyNotEvaluated(id, resource);
    if (why !== null) {
      isPartial = true;
      adders.push(id);
      const unseen = `${id} is not evaluated, since ${why}: the resources that it adds are not seen`;
      // Without its log groups the rest of the template would be taken for all of it.
      const isUnread = isLoop(id) && mayAddLogGroups(resource);
      (isUnread ? unread : warnings).push(note(unseen, 'Resources', writtenAs));
    } else if (!isFields(resource) || typeof resource['Type'] !== 'string') {
      mistakes.push(note(`Resources.${id}: expected a resource with a Type`, 'Resources', writtenAs));
    } else {
      const { Type: type, Condition: condition, Properties: own, Metadata: metadata } = resource;
      const added = ofSecretsManager ? hostedRotation(id, type, own) : null;
      if (added !== null) warnings.push(note(added, 'Resources', writtenAs));
      if (type.endsWith('::MODULE')) {
        isPartial = true;
        adders.push(`the module ${type}`);
        warnings.push(note(`the module ${type} is not known: its resources are not seen`, 'Resources', writtenAs));
      }
      resources.set(id, {
        id,
        type,
        line: lineOf('Resources', writtenAs) ?? lineOf('Resources') ?? 1,
        properties: merged(globalsOf(type, globals), isFields(own) ? own : {}),
        condition: typeof condition === 'string' ? condition : null,
        metadata: isFields(metadata) ? metadata : {},
        macro: [...macrosIn(own), ...macrosIn(resource), ...macros.filter(isForeign)][0] ?? null,
        fields: Object.keys(resource),
        written: { Properties: own, DependsOn: resource['DependsOn'] },
      });
    }
  }
  return {
    file,
    isJson: document.isJson,
    isTransformed: root['Transform'] !== undefined,
    isOpen: macros.some(isForeign),
    isOfSam: transforms.includes(SAM),
    isPartial,
    adders,
    unread,
    parameters: section('Parameters'),
    mappings: section('Mappings'),
    conditions: withoutLoops('Conditions'),
    outputs: withoutLoops('Outputs'),
    resources,
  };
}

/** The sections besides `Resources` to which `AWS::Include` adds what others refer to. */
const TAKES_PARTS = ['Parameters', 'Mappings', 'Conditions', 'Outputs'];

/** Whether `AWS::Include` adds fields to a part of a template. */
export function takesPart(part: unknown): boolean {
  return isFields(part) && Object.hasOwn(part, 'Fn::Transform');
}

const SAM = 'AWS::Serverless-2016-10-31';
/** Those whose effect on log groups is known: SAM's and the language extensions are evaluated, and the others add none. */
const TRANSFORMS = [SAM, 'AWS::LanguageExtensions', 'AWS::CodeDeployBlueGreen', 'AWS::ServiceCatalog'];

/** Whether a macro is none of AWS's own: those add no key to a log group, and no log group. */
function isForeign(macro: string): boolean {
  return !macro.startsWith('AWS::');
}

function transformsIn(transform: unknown): string[] {
  return [transform ?? []].flat().map((each) => String(isFields(each) ? (each['Name'] ?? 'Fn::Transform') : each));
}

function macrosIn(part: unknown): string[] {
  return isFields(part) ? transformsIn(part['Fn::Transform']) : [];
}

/** As SAM merges its globals: maps field by field, and of anything else the resource's own. */
function merged(globals: Fields, own: Fields): Fields {
  const isMap = (value: unknown): value is Fields => isFields(value) && intrinsicOf(value) === undefined;
  const fields = Object.entries(own).map(([name, value]): [string, unknown] => {
    const global = Object.hasOwn(globals, name) ? globals[name] : undefined;
    return [name, isMap(global) && isMap(value) ? merged(global, value) : value];
  });
  return { ...globals, ...Object.fromEntries(fields) };
}

/** SAM's `Globals` are the defaults of each resource of their kind. */
function globalsOf(type: string, globals: Fields): Fields {
  const [, kind = ''] = /^AWS::Serverless::(\w+)$/.exec(type) ?? [];
  const found = globals[kind];
  return isFields(found) ? found : {};
}

/** undefined: it is no list, or one in which something is not known. */
function textsIn(list: unknown): readonly string[] | undefined {
  return Array.isArray(list) && list.every((item) => typeof item === 'string' && isKnown(item)) ? list : undefined;
}
