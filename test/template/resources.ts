import { resolve } from 'node:path';
import { readTemplate } from '../../sandbox/template/template.ts';
import type { AlarmProperties } from '../support/alarm.ts';

export const TEMPLATE = resolve(import.meta.dirname, '../../template.yaml');
const PLACE = { account: '111122223333', region: 'eu-west-1', stackName: 'logseal', url: 'http://127.0.0.1:1' };

/** The resources of template.yaml as CloudFormation would create them, by logical id. */
export function resources(parameters: Readonly<Record<string, string>> = {}) {
  return new Map(readTemplate(TEMPLATE, parameters, PLACE).map((resource) => [resource.id, resource]));
}

// biome-ignore lint/suspicious/noExplicitAny: each type of resource has properties of its own
export type AnyProperties = Readonly<Record<string, any>>;

/** The properties of one resource. @throws Error when there is none of this id */
export function propertiesOf(id: string, parameters: Readonly<Record<string, string>> = {}): AnyProperties {
  const resource = resources(parameters).get(id);
  if (!resource) throw new Error(`template.yaml has no ${id}`);
  return resource.properties;
}

/** The properties of all resources of a type, by logical id. */
export function propertiesOfType(type: string, parameters: Readonly<Record<string, string>> = {}) {
  const all = [...resources(parameters).values()].filter((resource) => resource.type === type);
  return new Map<string, AnyProperties>(all.map(({ id, properties }) => [id, properties]));
}

/** The properties of an alarm. */
export function alarmOf(id: string, parameters: Readonly<Record<string, string>> = {}): AlarmProperties {
  return propertiesOf(id, parameters) as unknown as AlarmProperties;
}
