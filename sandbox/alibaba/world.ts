import * as v from 'valibot';
import { noneNamed, strict } from '../parse.ts';
import { SortedMap } from '../sorted-map.ts';
import * as s from './state.ts';

const DAYS_30_MS = 30 * 24 * 60 * 60 * 1000;
/** Exists in every world. SLS uses the keys of the world's Logstores with it. */
const DEFAULT_ROLE = 'aliyunlogdefaultrole';
/** The name of a project or a Logstore. */
export const STORE_NAME = /^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$/;
const ALIBABA_REGION = /^[a-z]{2}(-[a-z0-9]+)+$/;

const storeName = v.pipe(v.string(), v.regex(STORE_NAME, 'expected 3 to 63 of a-z, 0-9, - and _'));
const account = v.pipe(v.string('expected digits in quotes'), v.regex(/^\d{5,20}$/, 'expected 5 to 20 digits'));
const region = v.pipe(v.string(), v.regex(ALIBABA_REGION, 'expected a Region such as cn-hangzhou'));
const nickname = v.pipe(v.string(), v.notValues(['off', 'service-key'], 'expected another nickname'));
const roleName = v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, 'expected the name of a role'));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const texts = v.array(v.string());
const key = strict({
  spec: v.optional(v.picklist(s.SPECS), 'Aliyun_AES_256'),
  usage: v.optional(v.picklist(s.USAGES), 'ENCRYPT/DECRYPT'),
  state: v.optional(v.picklist(s.STATES), 'Enabled'),
  exists: v.optional(v.boolean(), true), // false: only the id remains, as after a deletion
});
const role = strict({
  trusts: v.optional(texts, [s.SLS_SERVICE]),
  policies: v.optional(texts, s.KMS_POLICIES),
});

/** @param nicknames of the keys that a world declares, in any Region */
export function alibabaSchema(nicknames: readonly string[]) {
  // `off` is never configured, `service-key` is SLS's own key, a nickname is a CMK, which is attached without checks.
  const known = v.picklist(['off', 'service-key', ...nicknames], noneNamed('key'));
  const configured = strict({
    key: v.picklist(['service-key', ...nicknames], noneNamed('key')),
    enabled: v.optional(v.boolean(), true),
  });
  const logstore = v.lazy((value) => (typeof value === 'object' && value !== null ? configured : known));
  // `{n}` in the name of a project counts from 1. Logstores are called store-1, store-2 and so on.
  const bulk = strict({ project: v.string(), projects: count, logstores: count, key: v.optional(known, 'off') });
  const contents = strict({
    keys: v.optional(v.record(nickname, key), {}),
    projects: v.optional(v.record(storeName, v.record(storeName, logstore)), {}),
    bulk: v.optional(v.array(bulk), []),
  });
  return strict({
    account: v.optional(account, '1234567890123456'),
    regions: v.optional(v.record(region, contents), {}),
    roles: v.optional(v.record(roleName, role), {}),
  });
}

type AlibabaWorld = v.InferOutput<ReturnType<typeof alibabaSchema>>;

/** The nicknames of the keys in a world that is not validated yet. */
export function alibabaNicknames(world: unknown): string[] {
  const valuesOf = (value: unknown) => Object.values(value ?? {}) as { keys?: object | null }[];
  const { regions } = (world ?? {}) as { regions?: unknown };
  return valuesOf(regions).flatMap((contents) => Object.keys(contents?.keys ?? {}));
}

/** Builds the cloud that a world describes. */
export function buildAlibaba(world: AlibabaWorld, now: () => Date): s.AlibabaCloud {
  const cloud: s.AlibabaCloud = { account: world.account, regions: new Map(), roles: new Map(), now };
  const soundRole = { trusts: [s.SLS_SERVICE], policies: s.KMS_POLICIES };
  for (const [name, { trusts, policies }] of Object.entries({ [DEFAULT_ROLE]: soundRole, ...world.roles })) {
    const facts = { trust: s.trustPolicy(trusts), policies: new Set(policies), description: '', createdAt: now() };
    cloud.roles.set(name, { name, ...facts });
  }
  for (const [regionId, contents] of Object.entries(world.regions)) {
    const { keys, projects } = s.alibabaRegion(cloud, regionId);
    for (const [nick, { spec, usage, state, exists }] of Object.entries(contents.keys)) {
      const made = newCmk(cloud, regionId, nick, { KeySpec: spec, KeyUsage: usage, KeyState: state });
      if (exists) keys.set(made.KeyId, made);
    }
    const encryptionOf = (nick: string, enable = true) => encryption(world, regionId, nick, enable);
    const fill = (name: string, entries: [name: string, encryption: s.Encryption | undefined][]) => {
      const logstores = new SortedMap<s.Logstore>();
      for (const [store, one] of entries) logstores.set(store, { name: store, createdAt: now(), encryption: one });
      projects.set(name, { name, createdAt: now(), logstores });
    };
    for (const [name, stores] of Object.entries(contents.projects)) {
      const entries = Object.entries(stores).map(([store, value]): [string, s.Encryption | undefined] => [
        store,
        typeof value === 'string' ? encryptionOf(value) : encryptionOf(value.key, value.enabled),
      ]);
      fill(name, entries);
    }
    for (const { project, projects: number, logstores, key: nick } of contents.bulk) {
      for (let n = 1; n <= number; n++) {
        const names = Array.from({ length: logstores }, (_, index) => `store-${index + 1}`);
        fill(
          project.replaceAll('{n}', String(n)),
          names.map((name) => [name, encryptionOf(nick)]),
        );
      }
    }
  }
  return cloud;
}

type CmkFacts = Pick<s.Cmk, 'KeySpec' | 'KeyUsage' | 'KeyState'> & { readonly Description?: string };

export function newCmk({ account: owner, now }: s.AlibabaCloud, regionId: string, nick: string, facts: CmkFacts) {
  const KeyId = s.alibabaKeyId(regionId, nick);
  const DeleteDate = facts.KeyState === 'PendingDeletion' ? seconds(new Date(now().getTime() + DAYS_30_MS)) : '';
  const Arn = `acs:kms:${regionId}:${owner}:key/${KeyId}`;
  return { KeyId, Arn, Description: '', ...facts, CreationDate: seconds(now()), DeleteDate };
}

/** A time in the format of KMS and RAM. */
export function seconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A nickname means a key in this Region, or else in any other. */
function encryption({ account: owner, regions }: AlibabaWorld, here: string, nick: string, enable: boolean) {
  if (nick === 'off') return undefined;
  const configured = { enable, encryptType: 'default' };
  if (nick === 'service-key') return { ...configured, cmk: undefined };
  const regionId = [here, ...Object.keys(regions)].find((one) => regions[one]?.keys[nick]) ?? here;
  const roleArn = s.ramRoleArn(owner, DEFAULT_ROLE);
  return { ...configured, cmk: { keyId: s.alibabaKeyId(regionId, nick), roleArn, regionId } };
}
