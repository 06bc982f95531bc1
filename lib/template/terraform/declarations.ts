import type { Fields } from '../../domain/template/fields.ts';
import type { Declarations, DeclaredLogGroup } from '../../domain/template/model.ts';
import { textOf } from '../../domain/template/unknown.ts';
import type { ReadOptions, TemplateFile } from '../file-kind.ts';
import { configurationOf, expressionOf, referencesIn } from './configuration.ts';
import { creatorsOf } from './creators.ts';
import { keyReferenceOf } from './key-references.ts';
import { keysOf } from './keys.ts';
import { hclOf } from './language.ts';
import { type Place, placesOf } from './places.ts';
import { indexOf, type ResourceIndex } from './references.ts';
import { deletedIn, type Resource, resourcesOf, shownAttribute } from './resources.ts';
import { settledBy } from './sources.ts';

/** What a plan or a state declares: one after the other for each Region and account that it is about. */
export function declarationsOf(document: Fields, { path: file }: TemplateFile, options: ReadOptions): Declarations[] {
  const configuration = configurationOf(document);
  const resources = resourcesOf(document);
  const index = indexOf(configuration, resources);
  const placeOf = placesOf(resources, configuration, options);
  const keys = keysOf(index, { resources, deleted: deletedIn(document) }, placeOf, file);
  const byPlace = Map.groupBy(
    resources.filter(({ mode }) => mode === 'managed'),
    (resource) => JSON.stringify(placeOf(resource)),
  );
  const places = [...byPlace].map(([text, all]) => {
    const place: Place = JSON.parse(text);
    const named = all
      .filter(({ type }) => type === 'aws_cloudwatch_log_group')
      .map((each) => [each, nameOf(each, index)] as const);
    return { place, all, named };
  });
  const found = resources
    .filter(({ mode, type }) => mode === 'data' && type === 'aws_cloudwatch_log_group')
    .map((each) => nameOf(each, index));
  const language = hclOf(index);
  const declarations = places.map(({ place, all, named }): Declarations => {
    const near = places.filter((other) => mayBeSame(place, other.place));
    const names = new Set([...found, ...near.flatMap((other) => other.named.map(([, name]) => name))]);
    const groups = named.map(
      ([each, name]): DeclaredLogGroup => ({
        ...{ file, line: null, id: each.address, name },
        key: keyReferenceOf(each, index, keys),
      }),
    );
    return {
      ...place,
      language,
      groups,
      keys: all.flatMap(({ address }) => keys.byAddress.get(address) ?? []),
      creators: creatorsOf(all, index, names, file),
    };
  });
  const nothing: Declarations = { region: null, account: null, language, groups: [], keys: [], creators: [] };
  return declarations.length === 0 ? [nothing] : declarations;
}

/** Where a Region or an account is not known, it may be any. */
function mayBeSame(one: Place, other: Place): boolean {
  return isOpenOr(one.region, other.region) && isOpenOr(one.account, other.account);
}

function isOpenOr(one: string | null, other: string | null): boolean {
  return one === null || other === null || one === other;
}

/** The name of a log group. Of a name that is made up only the beginning is known. */
function nameOf(group: Resource, { configuration }: ResourceIndex): string {
  const { address } = group;
  const references = referencesIn(expressionOf(configuration, group, 'name'));
  const settled =
    references.length > 0
      ? settledBy(references)
      : `give ${address} a name that the plan shows, or let the key policy name no log group`;
  const rest = textOf({ written: `${address}.name`, settledBy: settled, isPlain: references.length === 0 });
  return shownAttribute(group, 'name') ?? `${shownAttribute(group, 'name_prefix') ?? ''}${rest}`;
}
