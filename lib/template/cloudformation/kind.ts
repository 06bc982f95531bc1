import { isFields } from '../../domain/template/fields.ts';
import type { Declarations } from '../../domain/template/model.ts';
import type { TemplateNote } from '../../domain/template/note.ts';
import { AFTER_DEPLOYMENT, textOf } from '../../domain/template/unknown.ts';
import type { FileKind, FileReading, ReadOptions, TemplateFile } from '../file-kind.ts';
import { NOT_TEXT } from '../text.ts';
import { circleOf } from './circles.ts';
import { declarationsOf, mistakesIn } from './declarations.ts';
import { readDocumentText } from './document.ts';
import { intrinsicOf, NO_VALUE } from './evaluate.ts';
import { filesNestedIn, nestedFile } from './nested.ts';
import { refusedIn, refusedParameters } from './refused.ts';
import { readShape, type WrittenResource, type WrittenTemplate } from './shape.ts';
import { isThere, propertyOf, type Stack, type StackPlace, valueIn } from './stack.ts';
import { inEveryWorld, World } from './worlds.ts';

/** A template of CloudFormation or SAM, in YAML or JSON. */
export const CLOUDFORMATION: FileKind = {
  what: 'a CloudFormation template',
  recognises: ({ text }) =>
    text !== null && hasResources(text) && /AWSTemplateFormatVersion|\bAWS::\w+::\w+/.test(text),
  partsOf: ({ text }) => filesNestedIn(text ?? ''),
  read: (file, options) => readStack(file, options, options),
};

/** The first line that has more than a comment, a directive or the begin of a document. */
const FIRST = /^([ \t]*)(?!---)([^\s#%].?)/m;
/** Behind the brace of a macro language such as Jinja there is a second one, or a percent sign. */
const IN_BRACES = /^\{(?![{%])/;

/** Whether a text has the field at its top level, which may be indented. In braces, as JSON has it, the field may be anywhere. */
function hasResources(text: string): boolean {
  const [, indent = '', first = ''] = FIRST.exec(text) ?? [];
  if (IN_BRACES.test(first)) return /[{,\s]["']?Resources["']?\s*:\s*\{/.test(text);
  return new RegExp(`^(?:${indent})?["']?Resources["']?\\s*:`, 'm').test(text);
}

/** Reads a template with those that are nested in it. @param others gives the stacks whose exports it may import */
export async function readStack(
  file: TemplateFile,
  place: StackPlace,
  options: ReadOptions,
  others?: () => Promise<readonly Stack[]>,
): Promise<FileReading> {
  const mistakes: TemplateNote[] = [];
  const warnings: TemplateNote[] = [];
  const reading = {
    place: { region: place.region, account: place.account },
    options,
    mistakes,
    warnings,
    parts: [] as string[],
  };
  const { parameters } = options;
  const given = (name: string) => parameters.get(name);
  const template = templateIn(file, reading, given);
  if (!template) return { declarations: [], mistakes, warnings, isEmpty: mistakes.length === 0 };
  const refused = refusedParameters(template, parameters);
  const known = Object.keys(template.parameters);
  mistakes.push(...refused);
  if (refused.length > 0) return { declarations: [], mistakes, warnings, parameters: known };
  const imported = others && file.text?.includes('Fn::ImportValue') ? await others() : [];
  const exporter = imported.length > 0 ? exporterAmong(imported) : undefined;
  const root: Stack = {
    ...{ template, given, place: reading.place, prefix: '', nested: new Map() },
    ...(exporter && { exporter }),
  };
  await addNested(root, file, reading, 0);
  const declarations: readonly Declarations[] = declarationsOf(root, mistakes, imported);
  return { declarations, mistakes, warnings, parts: reading.parts, parameters: known };
}

/** Reads a stack of the same app as another one, for its exports. undefined: it cannot be read, which is told where it is evaluated. @param id begins the names of what is in it */
export async function readExporter(
  file: TemplateFile,
  place: StackPlace,
  options: ReadOptions,
  id: string,
): Promise<Stack | undefined> {
  const reading = { place, options, mistakes: [], warnings: [], parts: [] };
  const given = (name: string) => options.parameters.get(name);
  const template = templateIn(file, reading, given);
  if (!template) return undefined;
  const stack: Stack = { template, given, place, prefix: `${id}/`, nested: new Map() };
  await addNested(stack, file, reading, 0);
  return stack;
}

/** Finds exports whose names are known. */
function exporterAmong(stacks: readonly Stack[]): NonNullable<Stack['exporter']> {
  const exports = new Map<unknown, { readonly stack: Stack; readonly output: string }>();
  for (const stack of stacks) {
    for (const [output, declared] of Object.entries(stack.template.outputs)) {
      const named = isFields(declared) ? declared['Export'] : undefined;
      if (isFields(named)) exports.set(named['Name'], { stack, output });
    }
  }
  return (name) => exports.get(name);
}

interface Reading {
  readonly place: StackPlace;
  readonly options: ReadOptions;
  readonly mistakes: TemplateNote[];
  readonly warnings: TemplateNote[];
  readonly parts: string[];
}

function templateIn(
  { path, text }: TemplateFile,
  { mistakes, warnings }: Reading,
  given: (parameter: string) => unknown,
): WrittenTemplate | undefined {
  if (text === null) {
    mistakes.push({ file: path, line: null, message: NOT_TEXT });
    return undefined;
  }
  const document = readDocumentText(text);
  const notes = document.notes.map((note) => ({ file: path, ...note }));
  if (document.root === undefined) {
    mistakes.push(...notes);
    return undefined;
  }
  warnings.push(...notes);
  const before = mistakes.length;
  const template = readShape(path, document, mistakes, warnings, given);
  const circle = template && circleOf(template);
  if (circle) {
    const line = template.resources.get(circle[0] ?? '')?.line ?? null;
    mistakes.push({ file: path, line, message: `Resources refer to each other in a circle: ${circle.join(' → ')}` });
  }
  if (!template || mistakes.length > before) return undefined;
  mistakes.push(...template.unread, ...refusedIn(template, document));
  return template;
}

/** Choice. */
const MAX_LEVELS = 5;
/** Choice: in all of a stack. */
const MAX_NESTED = 500;

function whyNotSeen(template: TemplateFile | undefined, level: number, others: number): string | undefined {
  if (!template) return 'no file here has the template';
  if (level >= MAX_LEVELS) return `stacks are nested more than ${MAX_LEVELS} levels deep`;
  return others >= MAX_NESTED ? `more than ${MAX_NESTED} stacks are nested in one` : undefined;
}

/** Reads the templates of nested stacks that are files here. */
async function addNested(stack: Stack, file: TemplateFile, reading: Reading, level: number): Promise<void> {
  const unseen: Unseen[] = [];
  for (const resource of stack.template.resources.values()) {
    if (!/^AWS::(CloudFormation::Stack|Serverless::Application)$/.test(resource.type)) continue;
    const found = await nestedFile(file, resource, reading.options);
    const { id } = resource;
    const why = whyNotSeen(found, level, reading.parts.length);
    if (!found || why) {
      unseen.push({ resource, why });
      continue;
    }
    reading.parts.push(found.path);
    const { length: before } = reading.mistakes;
    const given = givenBy(stack, resource);
    const template = templateIn(found, reading, (name) => knownOf(given, name, file, resource, reading));
    if (!template) {
      if (reading.mistakes.length === before) unseen.push({ resource, why: `${found.path} has no Resources` });
      continue;
    }
    const child: Stack = {
      template,
      place: stack.place,
      prefix: `${stack.prefix}${id}/`,
      nested: new Map(),
      isThere: (world) => isThere(stack, world, resource),
      given,
      ...(stack.exporter && { exporter: stack.exporter }),
    };
    stack.nested.set(id, child);
    await addNested(child, found, reading, level + 1);
  }
  for (const alike of Map.groupBy(unseen, ({ why }) => why).values())
    reading.warnings.push(unseenNote(file.path, alike));
}

/** The parameters that the resource of a nested stack gives it. */
function givenBy(parent: Stack, resource: WrittenResource): Stack['given'] {
  const { Parameters: written } = resource.properties;
  const isExpression = isFields(written) && intrinsicOf(written) !== undefined;
  return (name, world) => {
    const given = isExpression ? propertyOf(parent, world, resource, 'Parameters') : written;
    if (!isFields(given) || !Object.hasOwn(given, name)) return undefined;
    const value = valueIn(parent, world, given[name], `Resources.${resource.id}.Properties.Parameters.${name}`);
    return value === NO_VALUE ? undefined : value;
  };
}

/** What a nested stack gets, where that does not depend on what is not known. */
function knownOf(
  given: Stack['given'],
  name: string,
  { path }: TemplateFile,
  resource: WrittenResource,
  { mistakes }: Reading,
): unknown {
  try {
    const { values } = inEveryWorld(new World(), (world) => given(name, world));
    if (values.length === 1) return values[0];
  } catch (error) {
    const found = mistakesIn(error, resource);
    if (!found) throw error;
    mistakes.push(...found.map((message) => ({ file: path, line: resource.line, message })));
  }
  return textOf({ written: name, settledBy: AFTER_DEPLOYMENT });
}

interface Unseen {
  readonly resource: WrittenResource;
  readonly why: string | undefined;
}

/** Choice: as many names as one line holds well. */
const MAX_NAMES = 5;

/** One line for a file, which may nest hundreds of stacks. */
function unseenNote(file: string, unseen: readonly Unseen[]): TemplateNote {
  const [first] = unseen;
  const names = unseen.slice(0, MAX_NAMES).map(({ resource }) => resource.id);
  const others = unseen.length - names.length;
  const all = new Intl.ListFormat('en').format(others === 0 ? names : [...names, `${others} more`]);
  const which = unseen.length === 1 ? `the nested stack ${all} is` : `the nested stacks ${all} are`;
  return { file, line: first?.resource.line ?? null, message: `${which} not seen: ${first?.why}` };
}
