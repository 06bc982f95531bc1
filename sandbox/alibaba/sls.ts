import { ServiceError } from '../service-error.ts';
import { SortedMap } from '../sorted-map.ts';
import { encryptionAfter, requireReadable } from './encryption.ts';
import { type AlibabaCall, type AlibabaOperations, parameterInvalid, refuseUnknownFields } from './service.ts';
import { alibabaRegion, type Encryption, type Logstore, type Project } from './state.ts';
import { STORE_NAME } from './world.ts';

/** Every SLS request names its Region, in the signature. */
type Call = AlibabaCall & { readonly region: string };

function createProject(call: Call): void {
  const { projectName, description: _, ...others } = bodyOf(call);
  refuseUnknownFields(others);
  const name = validName(projectName, 'project');
  const isTaken = [...call.cloud.regions.values()].some(({ projects }) => projects.has(name));
  // Assumption: the status is 400, here and for Logstores.
  if (isTaken) throw new ServiceError('ProjectAlreadyExist', `Project ${name} already exist`);
  const fresh = { name, createdAt: call.cloud.now(), logstores: new SortedMap<Logstore>() };
  alibabaRegion(call.cloud, call.region).projects.set(name, fresh);
}

function listProject(call: Call) {
  const { projects } = alibabaRegion(call.cloud, call.region);
  const { page, count, total } = pageOf(call, projects);
  const described = page.map(({ name, createdAt }) => {
    const facts = { projectName: name, description: '', status: 'Normal', region: call.region, owner: '' };
    return { ...facts, createTime: String(epochSeconds(createdAt)), lastModifyTime: String(epochSeconds(createdAt)) };
  });
  return { count, total, projects: described };
}

function listLogStores(call: Call) {
  const { page, count, total } = pageOf(call, projectOf(call).logstores);
  return { count, total, logstores: page.map(({ name }) => name) };
}

function createLogStore(call: Call): void {
  const { logstoreName, encrypt_conf: conf, ttl: _, shardCount: __, ...others } = bodyOf(call);
  refuseUnknownFields(others);
  const { logstores } = projectOf(call);
  const name = validName(logstoreName, 'logstore');
  if (logstores.has(name)) throw new ServiceError('LogStoreAlreadyExist', `logstore ${name} already exists`);
  const encryption = conf === undefined ? undefined : encryptionAfter(call, undefined, fromConf(conf));
  logstores.set(name, { name, createdAt: call.cloud.now(), encryption });
}

/** CreateLogStore has the fields of UpdateLogStoreEncryption under other names, such as `user_cmk_info`. */
function fromConf(conf: unknown) {
  const { enable, encrypt_type: encryptType, user_cmk_info: info, ...others } = Object(conf) as Record<string, unknown>;
  refuseUnknownFields(others);
  if (info === undefined) return { enable, encryptType };
  const { cmk_key_id: keyId, arn: roleArn, region_id: regionId, ...unknown } = Object(info) as Record<string, unknown>;
  return { enable, encryptType, userCmkInfo: { keyId, roleArn, regionId, ...unknown } };
}

function getLogStore(call: Call) {
  const { name, createdAt, encryption } = logstoreOf(call);
  const shards = { shardCount: 2, autoSplit: true, maxSplitShard: 64 };
  const times = { createTime: epochSeconds(createdAt), lastModifyTime: epochSeconds(createdAt) };
  const facts = { ttl: 30, mode: 'standard', telemetryType: '', appendMeta: true, enable_tracking: false };
  return { logstoreName: name, ...shards, ...times, ...facts, ...(encryption && { encrypt_conf: toConf(encryption) }) };
}

/** Assumption: with SLS's own key the fields of the CMK are empty, as in the documentation's example. */
function toConf({ enable, encryptType, cmk }: Encryption) {
  const { keyId = '', roleArn = '', regionId = '' } = cmk ?? {};
  return {
    enable,
    encrypt_type: encryptType,
    user_cmk_info: { cmk_key_id: keyId, arn: roleArn, region_id: regionId },
  };
}

function updateLogStoreEncryption(call: Call): void {
  const body = bodyOf(call);
  refuseUnknownFields(body, 'enable', 'encryptType', 'userCmkInfo');
  const logstore = logstoreOf(call);
  logstore.encryption = encryptionAfter(call, logstore.encryption, body);
}

function projectOf(call: Call): Project {
  const name = validName(call.project, 'project');
  const project = alibabaRegion(call.cloud, call.region).projects.get(name);
  if (project) return project;
  throw new ServiceError('ProjectNotExist', `The Project does not exist : ${name}`, 404);
}

function logstoreOf(call: Call): Logstore {
  const { logstores } = projectOf(call);
  const logstore = logstores.get(validName(call.logstore, 'logstore'));
  if (logstore) return logstore;
  throw new ServiceError('LogStoreNotExist', `logstore ${call.logstore} does not exist`, 404);
}

function validName(name: unknown, what: string): string {
  if (typeof name === 'string' && STORE_NAME.test(name)) return name;
  throw parameterInvalid(`invalid ${what} name: ${name}`);
}

function bodyOf({ body }: Call) {
  if (body) return body;
  throw new ServiceError('PostBodyInvalid', 'The body of the request is not a JSON object'); // Assumption: the code.
}

/** Assumptions: names are in ASCII order, and a size above 500 is refused. */
function pageOf<T>({ query }: Call, all: SortedMap<T>) {
  refuseUnknownFields(query, 'offset', 'size');
  const { offset = '0', size = '100' } = query;
  if (!/^\d{1,9}$/.test(offset)) throw parameterInvalid(`invalid offset: ${offset}`);
  if (!/^\d{1,3}$/.test(size) || Number(size) < 1 || Number(size) > 500)
    throw parameterInvalid(`invalid size: ${size}`);
  const page = all.from('').drop(Number(offset)).take(Number(size)).toArray();
  return { page, count: page.length, total: all.size };
}

function epochSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}

/** Simple Log Service. */
export const sls = {
  ListProject: listProject,
  CreateProject: createProject,
  ListLogStores: listLogStores,
  CreateLogStore: createLogStore,
  GetLogStore: getLogStore,
  UpdateLogStoreEncryption: updateLogStoreEncryption,
  GetLogs(call: Call) {
    requireReadable(call, logstoreOf(call));
    return [];
  },
  PutLogs: (call: Call) => requireReadable(call, logstoreOf(call)),
} as AlibabaOperations;
