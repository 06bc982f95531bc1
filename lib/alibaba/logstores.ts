import {
  type EncryptConf,
  ListLogStoresRequest,
  ListProjectRequest,
  UpdateLogStoreEncryptionRequest,
  UpdateLogStoreEncryptionRequestUserCmkInfo,
} from '@alicloud/sls20201230';
import pMap, { pMapIterable } from 'p-map';
import type { LogStores } from '../app/ports.ts';
import type { FoundLogStore, LogStore, PresentReading, StoreReading } from '../domain/log-store.ts';
import { logStoreOf } from '../domain/stores/index.ts';
import { LOGSTORE, parseLogstoreName, SERVICE_KEY } from '../domain/stores/logstore.ts';
import type { Target } from '../domain/target.ts';
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
/** `default` is the only value of `encryptType` on which all sources agree. */
const CONFIGURED = { enable: true, encryptType: 'default' };

/**
 * The Logstores of the clients' Region. They are read one by one, because lists contain only names.
 * @param patient makes the changes
 * @param roleArn the role through which SLS uses a key of the owner
 */
export function createLogstores(
  client: SlsClient,
  patient: SlsClient,
  calls: Calls,
  target: Target,
  roleArn: string | null,
): LogStores {
  /** Leaves out projects of other Regions, where the response names the Region. */
  async function* projectsOf(): AsyncGenerator<string> {
    const foreign = new Set<string>();
    const projects = namesOf(LIST_PROJECTS, async (offset) => {
      const request = new ListProjectRequest({ offset, size: NAMES_PER_CALL });
      const { body } = await calls.make(LIST_PROJECTS, () => client.listProject(request));
      const names = body?.projects?.map((project) => {
        if (project.region && project.region !== target.region) foreign.add(project.projectName ?? '');
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
      `SLS returned ${foreign.size} projects, none of them in ${target.region}`,
    );
  }

  async function* storesOf(): AsyncGenerator<LogStore> {
    for await (const project of projectsOf()) {
      const logstores = namesOf(LIST_LOGSTORES, async (offset) => {
        const request = new ListLogStoresRequest({ offset, size: NAMES_PER_CALL });
        const { body } = await calls.make(LIST_LOGSTORES, () => client.listLogStores(project, request));
        return [body?.logstores, body?.total];
      });
      try {
        for await (const logstore of logstores) yield logStoreOf('logstore', 'acs', target, `${project}/${logstore}`);
      } catch (error) {
        cloudError(error, 'NOT_FOUND');
      }
    }
  }

  const get = async (store: LogStore): Promise<FoundLogStore> => {
    const [project, logstore] = partsOf(store);
    const { body } = await calls.make(GET, () => client.getLogStore(project, logstore));
    if (body?.logstoreName === logstore) return foundLogstore(store, body.encryptConf);
    throw new CloudError('UNAVAILABLE', GET, `SLS returned "${body?.logstoreName ?? ''}" instead of ${store.name}`);
  };

  /** @param asFailure returns an error that concerns this store alone, and throws any other */
  const reading = async (store: LogStore, asFailure: (error: unknown) => CloudError): Promise<StoreReading> => {
    try {
      return { status: 'FOUND', found: await get(store) };
    } catch (error) {
      const { code } = cloudError(error);
      return code === 'NOT_FOUND'
        ? { status: 'GONE', store }
        : { status: 'UNREADABLE', store, failure: asFailure(error) };
    }
  };

  /** Reads the Logstore afterwards, because a request whose response was lost may be refused when it is repeated. */
  const change = async (store: LogStore, how: Encryption, wanted: string | null): Promise<void> => {
    const [project, logstore] = partsOf(store);
    const request = new UpdateLogStoreEncryptionRequest(how);
    const refusal = await calls
      .make(UPDATE, () => patient.updateLogStoreEncryption(project, logstore, request))
      .then(() => undefined)
      .catch((error) => cloudError(error, 'INVALID_REQUEST'));
    const { keyArn, fixed } = await get(store).catch((error) => {
      // The change may have been made or not.
      const { message } = cloudError(error);
      throw new CloudError(
        'UNAVAILABLE',
        UPDATE,
        `${store.name} could not be read after the change, so its state is not known: ${message}`,
      );
    });
    const isElsewhere = how.userCmkInfo && (fixed?.region ?? store.region) !== store.region;
    if (keyArn === wanted && !isElsewhere) return;
    if (refusal) throw refusal;
    if (keyArn === wanted) {
      const what = `SLS accepted the change of ${store.name}, but reports a key in ${fixed?.region}`;
      throw new CloudError('INVALID_REQUEST', UPDATE, what);
    }
    const is = keyArn === null ? 'off' : `on with ${keyArn}`;
    const message = `SLS accepted the change of ${store.name}, but its encryption is ${is}`;
    throw new CloudError('UNAVAILABLE', UPDATE, message);
  };

  const configurationWith = (keyId: string, { name, region }: LogStore): Encryption => {
    if (keyId === SERVICE_KEY) return CONFIGURED;
    if (roleArn === null) {
      throw new CloudError('INVALID_REQUEST', UPDATE, `${name} needs a RAM role through which SLS may use ${keyId}`);
    }
    const userCmkInfo = new UpdateLogStoreEncryptionRequestUserCmkInfo({ keyId, roleArn, regionId: region });
    return { ...CONFIGURED, userCmkInfo };
  };

  return {
    /**
     * In the order in which SLS lists projects and their Logstores. A store that is deleted meanwhile is left out. Always
     * starts at the beginning, because SLS has no tokens.
     */
    async *pages() {
      const stores = storesOf();
      // One more call is for the listing itself.
      const concurrency = CONCURRENT_LOGSTORE_READS - 1;
      let readings: PresentReading[] = [];
      const readOne = (store: LogStore) => reading(store, forGood);
      for await (const one of pMapIterable(stores, readOne, { concurrency, backpressure: LOGSTORES_PER_PAGE })) {
        if (one.status !== 'GONE') readings.push(one);
        if (readings.length < LOGSTORES_PER_PAGE) continue;
        yield { readings, nextToken: null };
        readings = [];
      }
      if (readings.length > 0) yield { readings, nextToken: null };
    },

    read: (stores) => pMap(stores, (store) => reading(store, cloudError), { concurrency: CONCURRENT_LOGSTORE_READS }),

    async seal(store, keyArn, mayConfigure = false) {
      const { keyArn: now, fixed } = await get(store);
      if (now === keyArn) return;
      const never = LOGSTORE.whyUnchangeable({ store, keyArn: now, ...(fixed && { fixed }) }, keyArn, []);
      if (never) throw new CloudError('INVALID_REQUEST', UPDATE, `${store.name}: ${never.message}`);
      if (!fixed && !mayConfigure) {
        const what = `${store.name} would be configured for the first time, which is irreversible and was not confirmed`;
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

/** Encrypted only if `enable` is true: the documentation of SLS also shows configurations without it. */
function foundLogstore(store: LogStore, encryption: EncryptConf | undefined): FoundLogStore {
  if (!encryption) return { store, keyArn: null };
  const { cmkKeyId, regionId } = encryption.userCmkInfo ?? {};
  const fixed = { keyArn: cmkKeyId || SERVICE_KEY, region: regionId || null };
  return { store, keyArn: encryption.enable === true ? fixed.keyArn : null, fixed };
}

/** @throws CloudError if the names are invalid: the SDK puts them into host and path without escaping */
function partsOf({ type, name }: LogStore): [project: string, logstore: string] {
  const names = type === 'logstore' ? parseLogstoreName(name) : undefined;
  if (names) return [names.project, names.logstore];
  throw new CloudError('INVALID_REQUEST', GET, `${name} is not a Logstore in Alibaba Cloud`);
}

/** @returns a permanent failure, which concerns this Logstore alone. @throws any other */
function forGood(error: unknown): CloudError {
  const { code } = cloudError(error);
  if (code === 'ACCESS_DENIED' || code === 'INVALID_REQUEST') return error as CloudError;
  throw error;
}

/** @returns the error if it is a CloudError with the code, or with any code if none is given. @throws any other */
function cloudError(error: unknown, code?: CloudErrorCode): CloudError {
  if (error instanceof CloudError && (code === undefined || error.code === code)) return error;
  throw error;
}
