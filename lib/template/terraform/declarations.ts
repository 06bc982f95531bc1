import type { Declarations, DeclaredLogGroup } from '../../domain/template/model.ts';
import { textOf } from '../../domain/template/unknown.ts';
import type { ReadOptions, TemplateFile } from '../file-kind.ts';
import { configurationOf } from './configuration.ts';
import { creatorsOf } from './creators.ts';
import type { Fields } from './json.ts';
import { keyReferenceOf } from './key-references.ts';
import { keysOf } from './keys.ts';
import { HCL } from './language.ts';
import { type Place, placesOf } from './places.ts';
import { indexOf } from './references.ts';
import { type Resource, resourcesOf, shownAttribute } from './resources.ts';

/** What a plan or a state declares: one after the other for each Region and account that it is about. */
export function declarationsOf(document: Fields, { path: file }: TemplateFile, options: ReadOptions): Declarations[] {
  const configuration = configurationOf(document);
  const resources = resourcesOf(document);
  const index = indexOf(configuration, resources);
  const placeOf = placesOf(resources, configuration, options);
  const keys = keysOf(index, resources, placeOf, file);
  const byPlace = Map.groupBy(
    resources.filter(({ mode }) => mode === 'managed'),
    (resource) => JSON.stringify(placeOf(resource)),
  );
  const all = [...byPlace].map(([text, some]) => {
    const place: Place = JSON.parse(text);
    const own = some.filter(({ type }) => type === 'aws_cloudwatch_log_group');
    const groups = own.map(
      (each): DeclaredLogGroup => ({
        file,
        line: null,
        id: each.address,
        name: nameOf(each),
        key: keyReferenceOf(each, index, keys),
      }),
    );
    const names = new Set(groups.map(({ name }) => name));
    return {
      ...place,
      language: HCL,
      groups,
      keys: some.flatMap(({ address }) => keys.byAddress.get(address) ?? []),
      creators: some.flatMap((each) => creatorsOf(each, index, names, file)),
    };
  });
  const none: Declarations = { ...NOWHERE, language: HCL, groups: [], keys: [], creators: [] };
  return all.length === 0 ? [none] : all;
}

const NOWHERE: Place = { region: null, account: null };

/** The name of a log group. Of a name that is made up only the beginning is known. */
function nameOf(group: Resource): string {
  const rest = textOf({ written: `${group.address}.name`, settledBy: 'the deployment' });
  return shownAttribute(group, 'name') ?? `${shownAttribute(group, 'name_prefix') ?? ''}${rest}`;
}
