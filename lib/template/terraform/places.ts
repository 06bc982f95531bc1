import { parseArn } from '../../domain/arn.ts';
import type { ReadOptions } from '../file-kind.ts';
import { type Configuration, configured, constantIn, referencesIn } from './configuration.ts';
import { fieldIn, objectIn, objectsIn, textIn } from './json.ts';
import { type Resource, shownAttribute } from './resources.ts';

/** The Region and the account that a resource is in; null: not known. */
export interface Place {
  readonly region: string | null;
  readonly account: string | null;
}

/**
 * Where each resource is: as it says itself, else as its provider does, else as the data sources and the other resources of the
 * provider have it, else as the user says.
 */
export function placesOf(
  resources: readonly Resource[],
  configuration: Configuration,
  options: Pick<ReadOptions, 'region' | 'account'>,
): (resource: Resource) => Place {
  const byProvider = Map.groupBy(resources, (each) => providerKey(each, configuration));
  const places = new Map<string, Place>();
  const ofProvider = (key: string): Place => {
    const place = places.get(key) ?? providerPlace(key, byProvider.get(key) ?? [], configuration);
    places.set(key, place);
    return place;
  };
  return (resource) => {
    const own = ownPlace(resource);
    const { region, account } = ofProvider(providerKey(resource, configuration));
    return {
      region: own.region ?? region ?? options.region,
      account: own.account ?? account ?? options.account,
    };
  };
}

/**
 * A configuration of a provider. Modules inherit it under a name of their own in older plans, which do not say which one of several
 * they are given.
 */
function providerKey(resource: Resource, configuration: Configuration): string {
  const { providers } = configuration;
  const key = textIn(configured(configuration, resource), 'provider_config_key') ?? resource.provider;
  const [module, name] = /^(.*):(.*)$/.exec(key)?.slice(1) ?? [];
  if (module === undefined || name === undefined || fieldIn(fieldIn(providers, key), 'expressions') !== undefined)
    return key;
  const [type = name] = name.split('.');
  const inRoot = Object.keys(providers).filter((each) => each === type || each.startsWith(`${type}.`));
  return inRoot.length > 1 ? key : name;
}

function ownPlace(resource: Resource): Place {
  const { region, account } = parseArn(shownAttribute(resource, 'arn') ?? '') ?? {};
  return {
    // Version 6 of the AWS provider has it on every resource.
    region: shownAttribute(resource, 'region') || region || null,
    account: accountIn(account),
  };
}

function providerPlace(key: string, resources: readonly Resource[], configuration: Configuration): Place {
  const expressions = objectIn(fieldIn(configuration.providers, key), 'expressions');
  const roles = objectsIn(expressions, 'assume_role').map((role) => textFrom(role['role_arn'], configuration));
  const data = (type: string) => resources.filter((each) => each.mode === 'data' && each.type === type);
  const managed = resources.filter(({ mode }) => mode === 'managed').map(ownPlace);
  return {
    region:
      textFrom(expressions['region'], configuration) ??
      only(data('aws_region').map((each) => shownAttribute(each, 'region') ?? shownAttribute(each, 'name') ?? null)) ??
      only(managed.map(({ region }) => region)),
    account:
      accountIn(parseArn(roles.at(-1) ?? '')?.account) ??
      onlyAccount(fieldIn(expressions['allowed_account_ids'], 'constant_value')) ??
      only(data('aws_caller_identity').map((each) => accountIn(shownAttribute(each, 'account_id')))) ??
      only(managed.map(({ account }) => account)),
  };
}

/** The text of an expression that is a constant or a variable of the root module. */
function textFrom(expression: unknown, { variables }: Configuration): string | null {
  const constant = constantIn(expression);
  if (constant !== undefined) return constant;
  const [reference = '', ...others] = referencesIn(expression);
  const value = others.length === 0 && reference.startsWith('var.') ? variables.get(reference.slice(4)) : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}

function accountIn(text: string | undefined): string | null {
  return text !== undefined && /^\d{12}$/.test(text) ? text : null;
}

/** The account that a provider is bound to. */
function onlyAccount(accounts: unknown): string | null {
  return Array.isArray(accounts) && accounts.length === 1 ? accountIn(String(accounts[0])) : null;
}

/** The value that all that is known agrees on. */
function only(values: readonly (string | null)[]): string | null {
  const [value = null, ...others] = new Set(values.filter((each) => each !== null));
  return others.length === 0 ? value : null;
}
