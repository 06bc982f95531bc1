import { type Fields, isFields } from '../../domain/template/fields.ts';
import { configPath, type Step } from './addresses.ts';
import { fieldIn, objectIn, objectsIn, textIn } from './json.ts';
import type { Resource } from './resources.ts';

/** The configuration that a plan was made of. Local values are not in it. */
export interface Configuration {
  /** By `configPath`. */
  readonly modules: ReadonlyMap<string, ConfiguredModule>;
  readonly providers: Fields;
  /** The values of the variables of the root module that may be shown. */
  readonly variables: ReadonlyMap<string, unknown>;
  /** The names of all of them. */
  readonly given: ReadonlySet<string>;
}

interface ConfiguredModule {
  /** By `mode.type.name`. */
  readonly resources: ReadonlyMap<string, Fields>;
  readonly calls: Fields;
  readonly outputs: Fields;
  /** Those that are declared. */
  readonly variables: Fields;
}

/** @returns the configuration; without modules for a state, which has none */
export function configurationOf(document: Fields): Configuration {
  const configuration = objectIn(document, 'configuration');
  const modules = new Map<string, ConfiguredModule>();
  const left: { readonly path: string; readonly module: unknown }[] = [
    { path: '', module: configuration['root_module'] },
  ];
  for (let next = left.pop(); next; next = left.pop()) {
    const { path, module } = next;
    if (!isFields(module)) continue;
    const calls = objectIn(module, 'module_calls');
    const resources = objectsIn(module, 'resources').map(
      (each) => [`${each['mode']}.${each['type']}.${each['name']}`, each] as const,
    );
    const [outputs, variables] = [objectIn(module, 'outputs'), objectIn(module, 'variables')];
    modules.set(path, { resources: new Map(resources), calls, outputs, variables });
    for (const [name, call] of Object.entries(calls)) {
      left.push({ path: path === '' ? name : `${path}.${name}`, module: fieldIn(call, 'module') });
    }
  }
  const declared = objectIn(configuration['root_module'], 'variables');
  const given = objectIn(document, 'variables');
  const variables = Object.entries(given)
    .filter(([name]) => fieldIn(fieldIn(declared, name), 'sensitive') !== true)
    .map(([name, variable]) => [name, fieldIn(variable, 'value')] as const);
  return {
    modules,
    providers: objectIn(configuration, 'provider_config'),
    variables: new Map(variables),
    given: new Set(Object.keys(given)),
  };
}

/** What the configuration says of a resource; undefined: it is not in the file. */
export function configured(
  { modules }: Configuration,
  { path, mode, type, name }: Pick<Resource, 'path' | 'mode' | 'type' | 'name'>,
): Fields | undefined {
  return modules.get(configPath(path))?.resources.get(`${mode}.${type}.${name}`);
}

/** The expression of an attribute of a resource; undefined: there is none. */
export function expressionOf(configuration: Configuration, resource: Resource, attribute: string): Fields | undefined {
  const expression = fieldIn(objectIn(configured(configuration, resource), 'expressions'), attribute);
  return isFields(expression) ? expression : undefined;
}

/** How a module is called, which is in the module that calls it. */
export function callOf({ modules }: Configuration, path: readonly Step[]): unknown {
  return fieldIn(modules.get(configPath(path.slice(0, -1)))?.calls, path.at(-1)?.name ?? '');
}

/** Whether the file says what the value of a variable of a module is. */
export function saysValue(configuration: Configuration, path: readonly Step[], name: string): boolean {
  if (path.length === 0 && configuration.given.has(name)) return true;
  const isDeclared = Object.hasOwn(configuration.modules.get(configPath(path))?.variables ?? {}, name);
  return isDeclared || fieldIn(fieldIn(callOf(configuration, path), 'expressions'), name) !== undefined;
}

/** The value of a variable of a module, where a constant, a default or a variable of the root module gives it. */
export function variableValue(configuration: Configuration, path: readonly Step[], name: string): unknown {
  if (path.length === 0) return configuration.variables.get(name);
  const expression = fieldIn(fieldIn(callOf(configuration, path), 'expressions'), name);
  if (expression === undefined) {
    return fieldIn(fieldIn(configuration.modules.get(configPath(path))?.variables, name), 'default');
  }
  const [reference = '', ...others] = referencesIn(expression);
  if (others.length > 0 || !reference.startsWith('var.')) return fieldIn(expression, 'constant_value');
  return variableValue(configuration, path.slice(0, -1), reference.slice('var.'.length));
}

/** The outputs of a module, with their expressions. */
export function outputsOf({ modules }: Configuration, path: readonly Step[]): [name: string, expression: unknown][] {
  const outputs = modules.get(configPath(path))?.outputs ?? {};
  return Object.entries(outputs).map(([name, output]) => [name, fieldIn(output, 'expression')]);
}

/** The expressions of one output of a module, or of all. */
export function outputExpressions(
  configuration: Configuration,
  path: readonly Step[],
  name: string | undefined,
): unknown[] {
  const outputs = outputsOf(configuration, path);
  if (name === undefined) return outputs.map(([, expression]) => expression);
  return [outputs.find(([own]) => own === name)?.[1]];
}

/** What an expression refers to, each to its whole length: Terraform lists the parts of a reference, too. */
export function referencesIn(expression: unknown): string[] {
  const references = fieldIn(expression, 'references');
  const all = Array.isArray(references) ? references.filter((each): each is string => typeof each === 'string') : [];
  // So that whatever goes on from a reference comes directly behind it.
  const sorted = [...new Set(all.map((each) => each.replace(/[.[]/g, '\t$&')))].sort();
  const whole = sorted.filter((each, position) => !sorted[position + 1]?.startsWith(`${each}\t`));
  const left = new Set(whole.map((each) => each.replaceAll('\t', '')));
  return all.filter((each) => left.delete(each));
}

/** What all expressions below a value refer to. */
export function referencesBelow(value: unknown): string[] {
  const found = new Set<string>();
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next !== 'object' || next === null) continue;
    for (const reference of referencesIn(next)) found.add(reference);
    left.push(...Object.values(next));
  }
  return [...found];
}

/** The text that an expression is, without any reference. */
export function constantIn(expression: unknown): string | undefined {
  return textIn(expression, 'constant_value');
}
