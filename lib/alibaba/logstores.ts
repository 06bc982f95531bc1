import {
  type EncryptConf,
  ListLogStoresRequest,
  ListProjectRequest,
  UpdateLogStoreEncryptionRequest,
  UpdateLogStoreEncryptionRequestUserCmkInfo,
} from '@alicloud/sls20201230';
import pMap, { pMapIterable } from 'p-map';
import type { LogStores, Unread } from '../app/ports.ts';
import type { FoundLogStore, LogStore, Target } from '../domain/log-store.ts';
import { logstoreOf, parseLogstoreName, SERVICE_KEY, whyIrreversible } from '../domain/stores/logstore.ts';
import { CloudError, type CloudErrorCode } from '../errors.ts';
import { CONCURRENT_LOGSTORE_READS, LOGSTORES_PER_PAGE, NAMES_PER_CALL } from '../pacing.ts';
import type { Calls } from './calls.ts';
import type { SlsClient } from './clients.ts';
import { namesOf } from './names.ts';

const LIST_PROJECTS = 'log:ListProject';
const LIST_LOGSTORES = 'log:ListLogStores';
const GET = 'log:GetLogStore';
const UPDATE = 'log:UpdateLogStoreEncryption';

type Encryption = Pick<UpdateLogStoreEncryptionRequest, 'enable' | 'encryptType' | 'userCmkInfo'>;
/** Sources differ on all other values of `encryptType`. */
const CONFIGURED = { enable: true, encryptType: 'default' };

/**
 * The Logstores of SLS in the clients' Region. They are read one by one: lists tell nothing but names.
 * @param patient makes the changes
 * @param roleArn by which SLS may use a key of the owner's
 */
export function createLogstores(
  client: SlsClient,
  patient: SlsClient,
  calls: Calls,
  roleArn: string | null,
): LogStores {
  /** Of this Region, where the answer tells. */
  async function* projectsOf(region: string): AsyncGenerator<string> {
    const foreign = new Set<string>();
    const projects = namesOf(LIST_PROJECTS, async (offset) => {
      const request = new ListProjectRequest({ offset, size: NAMES_PER_CALL });
      const { body } = await calls.make(LIST_PROJECTS, () => client.listProject(request));
      const names = body?.projects?.map((project) => {
        if (project.region && project.region !== region) foreign.add(project.projectName ?? '');
        return project.projectName ?? '';
      });
      return [names, body?.total];
    });
    let own = 0;
    for await (const project of projects) {
      if (foreign.has(project)) continue;
      own++;
      yield project;
    }
    if (own > 0 || foreign.size === 0) return;
    throw new CloudError(
      'UNAVAILABLE',
      LIST_PROJECTS,
      `SLS answered ${foreign.size} projects, none of them of ${region}`,
    );
  }

  async function* storesOf(target: Target): AsyncGenerator<LogStore> {
    for await (const project of projectsOf(target.region)) {
      const logstores = namesOf(LIST_LOGSTORES, async (offset) => {
        const request = new ListLogStoresRequest({ offset, size: NAMES_PER_CALL });
        const { body } = await calls.make(LIST_LOGSTORES, () => client.listLogStores(project, request));
        return [body?.logstores, body?.total];
      });
      try {
        for await (const logstore of logstores) yield logstoreOf(target, project, logstore);
      } catch (error) {
        cloudError(error, 'NOT_FOUND');
      }
    }
  }

  const get = async (store: LogStore): Promise<FoundLogStore> => {
    const [project, logstore] = partsOf(store);
    const { body } = await calls.make(GET, () => client.getLogStore(project, logstore));
    if (body?.logstoreName === logstore) return foundLogstore(store, body.encryptConf);
    throw new CloudError('UNAVAILABLE', GET, `SLS answered "${body?.logstoreName ?? ''}" when asked for ${store.name}`);
  };

  /** @returns undefined for a store that is gone */
  const find = (store: LogStore): Promise<FoundLogStore | undefined> =>
    get(store).catch((error) => void cloudError(error, 'NOT_FOUND'));

  /** What the Logstore says in the end is what counts: a request whose answer was lost may be refused when repeated. */
  const change = async (store: LogStore, how: Encryption, wanted: string | null): Promise<void> => {
    const [project, logstore] = partsOf(store);
    const request = new UpdateLogStoreEncryptionRequest(how);
    const refusal = await calls
      .make(UPDATE, () => patient.updateLogStoreEncryption(project, logstore, request))
      .then(() => undefined)
      .catch((error) => cloudError(error, 'INVALID_REQUEST'));
    const { keyArn, fixed } = await get(store).catch((error) => {
      // The change was answered, and perhaps made: only the Logstore knows, and it cannot be read.
      const { message } = cloudError(error);
      throw new CloudError('UNAVAILABLE', UPDATE, `whether ${store.name} was changed could not be read: ${message}`);
    });
    const isElsewhere = how.userCmkInfo && (fixed?.region ?? store.region) !== store.region;
    if (keyArn === wanted && !isElsewhere) return;
    if (keyArn === wanted) {
      const what = `SLS took the change of ${store.name}, and answers a key of ${fixed?.region}`;
      throw new CloudError('INVALID_REQUEST', UPDATE, what);
    }
    const is = keyArn === null ? 'off' : `on with ${keyArn}`;
    const message = `a change of the encryption of ${store.name} was answered as done, but it is ${is}`;
    throw refusal ?? new CloudError('UNAVAILABLE', UPDATE, message);
  };

  const configurationWith = (keyId: string, { name, region }: LogStore): Encryption => {
    if (keyId === SERVICE_KEY) return CONFIGURED;
    if (roleArn === null) {
      throw new CloudError('INVALID_REQUEST', UPDATE, `${name} needs a RAM role by which SLS may use ${keyId}`);
    }
    const userCmkInfo = new UpdateLogStoreEncryptionRequestUserCmkInfo({ keyId, roleArn, regionId: region });
    return { ...CONFIGURED, userCmkInfo };
  };

  return {
    /**
     * In the order in which SLS lists projects and their Logstores; a store that is gone meanwhile is left out. Always from
     * the beginning, since there is no token to begin at.
     */
    async *pages(region, caller) {
      const { account } = await caller;
      const stores = storesOf({ provider: 'alibaba', account, region });
      // One call more lists what comes next.
      const concurrency = CONCURRENT_LOGSTORE_READS - 1;
      let page: FoundLogStore[] = [];
      let unread: Unread[] = [];
      const inspection = async (store: LogStore) => ({ store, found: await find(store).catch(forGood) });
      for await (const { store, found } of pMapIterable(stores, inspection, {
        concurrency,
        backpressure: LOGSTORES_PER_PAGE,
      })) {
        if (found instanceof CloudError) unread.push({ store, error: found });
        else if (found) page.push(found);
        if (page.length + unread.length < LOGSTORES_PER_PAGE) continue;
        yield { stores: page, unread, nextToken: null };
        page = [];
        unread = [];
      }
      if (page.length + unread.length > 0) yield { stores: page, unread, nextToken: null };
    },

    async read(stores) {
      const readOne = async (store: LogStore) => [store.arn, await find(store).catch(cloudError)] as const;
      const read = await pMap(stores, readOne, { concurrency: CONCURRENT_LOGSTORE_READS });
      return new Map(read.flatMap(([arn, found]) => (found ? [[arn, found] as const] : [])));
    },

    async seal(store, keyArn, mayConfigure = false) {
      const { keyArn: now, fixed } = await get(store);
      if (now === keyArn) return;
      const never = fixed && whyIrreversible({ fixed, reasons: [], region: store.region }, keyArn);
      if (never) throw new CloudError('INVALID_REQUEST', UPDATE, `the encryption of ${store.name}: ${never.message}`);
      if (!fixed && !mayConfigure) {
        const what = `${store.name} would be configured for the first time and for good, which nobody has confirmed`;
        throw new CloudError('INVALID_REQUEST', UPDATE, what);
      }
      await change(store, fixed ? { enable: true } : configurationWith(keyArn, store), keyArn);
    },

    async unseal(store) {
      const { keyArn } = await get(store);
      if (keyArn !== null) await change(store, { enable: false }, null);
    },
  };
}

/** On only where SLS says so: its documentation shows a configuration without `enable`. */
function foundLogstore(store: LogStore, encryption: EncryptConf | undefined): FoundLogStore {
  if (!encryption) return { store, keyArn: null };
  const { cmkKeyId, regionId } = encryption.userCmkInfo ?? {};
  const fixed = { keyArn: cmkKeyId || SERVICE_KEY, region: regionId || null };
  return { store, keyArn: encryption.enable === true ? fixed.keyArn : null, fixed };
}

/** @throws CloudError rather than have anything but names go into hosts and paths */
function partsOf({ type, name }: LogStore): [project: string, logstore: string] {
  const names = type === 'logstore' ? parseLogstoreName(name) : undefined;
  if (names) return [names.project, names.logstore];
  throw new CloudError('INVALID_REQUEST', GET, `${name} is not a Logstore of Alibaba Cloud`);
}

/** @returns a failure that another try would not fix: it is of this Logstore alone. Any other is thrown on */
function forGood(error: unknown): CloudError {
  const { code } = cloudError(error);
  if (code === 'ACCESS_DENIED' || code === 'INVALID_REQUEST') return error as CloudError;
  throw error;
}

/** @returns a failure of a call, if it has the code: anything else is thrown on */
function cloudError(error: unknown, code?: CloudErrorCode): CloudError {
  if (error instanceof CloudError && (code === undefined || error.code === code)) return error;
  throw error;
}
