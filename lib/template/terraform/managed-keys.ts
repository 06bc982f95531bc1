import type { FoundState } from '../../domain/template/model.ts';
import { constantIn, expressionOf } from './configuration.ts';
import { textIn } from './json.ts';
import type { ResourceIndex } from './references.ts';
import { isSensitive, type Resource } from './resources.ts';

/** The attribute by which a data source finds a key. */
export function nameAttributeOf({ type }: Resource): string {
  return type === 'aws_kms_key' ? 'key_id' : 'name';
}

/** Whether a resource is a data source of a key. */
export function findsKey({ mode, type }: Resource): boolean {
  return mode === 'data' && /^aws_kms_(?:key|alias)$/.test(type);
}

/** What a data source finds a key by, where that says that AWS manages it. */
export function managedAs(data: Resource, { configuration }: ResourceIndex): string | undefined {
  const attribute = nameAttributeOf(data);
  const name = textIn(data.values, attribute) ?? constantIn(expressionOf(configuration, data, attribute)) ?? '';
  const isManaged = /(?:^|:)alias\/aws\//.test(name) || textIn(data.values, 'key_manager') === 'AWS';
  if (!isManaged) return undefined;
  return name === '' || isSensitive(data, attribute) ? data.address : name;
}

/** What data sources found of keys, by their ARNs. */
export function foundStates(resources: readonly Resource[]): ReadonlyMap<string, FoundState> {
  return new Map(
    resources
      .filter((each) => findsKey(each) && each.type === 'aws_kms_key')
      .flatMap(({ values }) => {
        const arn = textIn(values, 'arn');
        const state = { state: textIn(values, 'key_state'), usage: textIn(values, 'key_usage') };
        const spec = textIn(values, 'customer_master_key_spec') ?? textIn(values, 'key_spec');
        return arn === undefined ? [] : [[arn, { ...state, spec }] as const];
      }),
  );
}

/** The same for a key whose ARN is known, as data sources found it. */
export function managedKeys(resources: readonly Resource[], index: ResourceIndex): ReadonlyMap<string, string> {
  return new Map(
    resources.filter(findsKey).flatMap((data) => {
      const name = managedAs(data, index);
      const arn = textIn(data.values, data.type === 'aws_kms_key' ? 'arn' : 'target_key_arn');
      return name !== undefined && arn !== undefined ? [[arn, name] as const] : [];
    }),
  );
}
