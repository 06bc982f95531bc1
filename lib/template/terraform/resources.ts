import { type Fields, isFields } from '../../domain/template/fields.ts';
import { modulePath, type Step } from './addresses.ts';
import { fieldIn, hasTrue, objectIn, objectsIn, textIn } from './json.ts';

/** One instance of a resource or of a data source, as it will be, or as a state has it. */
export interface Resource {
  readonly address: string;
  /** The instance of the module that it is in. */
  readonly path: readonly Step[];
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly name: string;
  readonly index: string | number | undefined;
  readonly provider: string;
  readonly values: Fields;
  /** What is known only after apply, as Terraform has it; null: the file does not say. */
  readonly unknown: unknown;
  /** What must not be shown, as Terraform has it. */
  readonly sensitive: unknown;
}

/** Every resource of a plan that will exist, or every one of a state; and every data source, whether it is read already or not. */
export function resourcesOf(document: Fields): Resource[] {
  const planned = objectIn(document, 'planned_values');
  const prior = objectIn(objectIn(document, 'prior_state'), 'values');
  const all = new Map<string, Resource>();
  for (const each of resourcesIn(prior)) if (each.mode === 'data') all.set(each.address, each);
  for (const each of [...resourcesIn(planned), ...resourcesIn(objectIn(document, 'values'))]) {
    all.set(each.address, each);
  }
  for (const change of objectsIn(document, 'resource_changes')) withChange(all, change);
  return [...all.values()];
}

/** Every resource that a plan deletes, also one that another replaces, as it is before. */
export function deletedIn(document: Fields): Resource[] {
  return objectsIn(document, 'resource_changes').flatMap((entry) => {
    const { actions, before, before_sensitive: sensitive } = objectIn(entry, 'change');
    const resource = resourceIn(entry, textIn(entry, 'module_address'));
    if (!resource || !isFields(before) || !Array.isArray(actions) || !actions.includes('delete')) return [];
    return [{ ...resource, values: before, unknown: {}, sensitive }];
  });
}

/** Modules lie within modules. */
function* resourcesIn(values: Fields): Generator<Resource> {
  const modules = [objectIn(values, 'root_module')];
  for (let module = modules.pop(); module; module = modules.pop()) {
    for (const each of objectsIn(module, 'resources')) {
      const resource = resourceIn(each, textIn(module, 'address'));
      if (resource) yield { ...resource, values: objectIn(each, 'values'), sensitive: each['sensitive_values'] };
    }
    modules.push(...objectsIn(module, 'child_modules').reverse());
  }
}

function withChange(all: Map<string, Resource>, entry: Fields): void {
  const address = textIn(entry, 'address');
  // An object that was replaced and is still to be deleted has the address of the one that replaces it.
  if (address === undefined || entry['deposed'] !== undefined) return;
  const change = objectIn(entry, 'change');
  const actions = fieldIn(change, 'actions');
  if (Array.isArray(actions) && actions.length === 1 && ['delete', 'forget'].includes(String(actions[0]))) {
    all.delete(address);
    return;
  }
  const planned = all.get(address) ?? resourceIn(entry, textIn(entry, 'module_address'));
  if (!planned) return;
  const { after, after_unknown: unknown, after_sensitive: sensitive } = change;
  all.set(address, {
    ...planned,
    values: isFields(after) ? after : planned.values,
    unknown: unknown ?? {},
    sensitive: hasTrue(sensitive) ? sensitive : planned.sensitive,
  });
}

function resourceIn(entry: Fields, module: string | undefined): Resource | undefined {
  const address = textIn(entry, 'address');
  const type = textIn(entry, 'type');
  const name = textIn(entry, 'name');
  if (address === undefined || type === undefined || name === undefined) return undefined;
  const index = entry['index'];
  return {
    // Before 0.13 the addresses of resources in modules were relative to the module.
    address: module === undefined || address.startsWith('module.') ? address : `${module}.${address}`,
    path: modulePath(module),
    mode: entry['mode'] === 'data' ? 'data' : 'managed',
    type,
    name,
    index: typeof index === 'number' || typeof index === 'string' ? index : undefined,
    provider: textIn(entry, 'provider_name') ?? 'aws',
    values: {},
    unknown: null,
    sensitive: {},
  };
}

/** Whether the file must not be quoted on an attribute. */
export function isSensitive({ sensitive }: Resource, attribute: string): boolean {
  return sensitive === true || hasTrue(fieldIn(sensitive, attribute));
}

/** An attribute that is a text, is known, and may be shown. */
export function shownAttribute(resource: Resource, attribute: string): string | undefined {
  return isSensitive(resource, attribute) ? undefined : textIn(resource.values, attribute);
}

/** Whether an attribute is known only after apply. @param isSet whether the configuration sets it */
export function isUnknown({ values, unknown }: Resource, attribute: string, isSet: boolean): boolean {
  const value = fieldIn(values, attribute);
  if (value !== undefined && value !== null) return false;
  // What is not known is left out of the values.
  return unknown === null ? value === undefined && isSet : unknown === true || fieldIn(unknown, attribute) === true;
}
