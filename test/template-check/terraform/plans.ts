import { rulesAt } from '../../../lib/domain/rules.ts';
import type { TemplateFinding } from '../../../lib/domain/template/finding.ts';
import { templateFindings } from '../../../lib/domain/template/findings.ts';
import type { FileReading, ReadOptions } from '../../../lib/template/file-kind.ts';
import { readTemplateFile } from '../../../lib/template/file-kinds.ts';
import { decodeTemplate } from '../../../lib/template/text.ts';

/** A resource of a plan, and how the configuration sets its attributes. */
export interface Planned {
  readonly address: string;
  readonly values?: Readonly<Record<string, unknown>>;
  /** Attributes that are known only after apply, as `after_unknown` has them. */
  readonly unknown?: Readonly<Record<string, unknown>>;
  readonly sensitive?: Readonly<Record<string, unknown>>;
  /** Attributes that refer to something, or expressions as they are. */
  readonly refs?: Readonly<Record<string, readonly string[] | object>>;
  readonly actions?: readonly string[];
  /** What `count` or `for_each` refers to. */
  readonly count?: readonly string[];
  readonly forEach?: readonly string[];
  /** Whether only the configuration has it. */
  readonly isAbsent?: boolean;
  /** The values before the apply. */
  readonly before?: object;
  /** The key of the configuration of its provider. */
  readonly provider?: string;
}

/**
 * Modules by their paths in the configuration, such as `app.kms`: what is given to their inputs, what their outputs refer to, and which
 * variables they declare, and where they come from.
 */
export type Modules = Readonly<
  Record<
    string,
    {
      readonly inputs?: Record<string, object>;
      readonly outputs?: Record<string, string[]>;
      readonly variables?: object;
      /** What `count` of the module refers to. */
      readonly count?: string[];
      readonly source?: string;
    }
  >
>;

export interface PlanOptions {
  readonly modules?: Modules;
  /** More of the whole document. */
  readonly more?: object;
  /** The configurations of providers. */
  readonly providers?: object;
}

export const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';

/** What `terraform show -json` writes of a plan. */
export function aPlan(resources: readonly Planned[], { modules = {}, more, providers }: PlanOptions = {}): object {
  const parts = resources.map((each) => ({ ...each, ...partsOf(each.address) }));
  const present = parts.filter(({ isAbsent }) => !isAbsent);
  const changes = present.map(({ address, module, mode, type, name, index, actions, ...change }) => ({
    ...{ address, mode, type, name, provider_name: 'registry.terraform.io/hashicorp/aws' },
    ...(module !== '' && { module_address: module }),
    ...(index !== undefined && { index }),
    change: {
      actions: actions ?? ['create'],
      before: change.before ?? null,
      after: actions?.join() === 'delete' ? null : (change.values ?? {}),
      after_unknown: change.unknown ?? {},
      after_sensitive: change.sensitive ?? {},
    },
  }));
  const planned = present.filter(({ actions }) => actions?.join() !== 'delete');
  return {
    format_version: '1.2',
    terraform_version: '1.9.8',
    planned_values: { root_module: moduleValues('', planned) },
    resource_changes: changes,
    configuration: {
      provider_config: providers ?? { aws: { name: 'aws', expressions: { region: { constant_value: REGION } } } },
      root_module: moduleConfiguration('', parts, modules),
    },
    ...more,
  };
}

type Part = Planned & ReturnType<typeof partsOf>;

function partsOf(address: string) {
  const match = /^((?:module\.[\w-]+(?:\[[^\]]+\])?\.)*)(data\.)?(\w+)\.([\w-]+)(?:\[(.+)\])?$/.exec(address);
  const [, prefix = '', data, type = '', name = '', index] = match ?? [];
  const module = prefix.slice(0, -1);
  const path = [...module.matchAll(/module\.([\w-]+)/g)].map(([, own]) => own).join('.');
  return {
    ...{ module, path, type, name, mode: data ? 'data' : 'managed' },
    index: index === undefined ? undefined : JSON.parse(index),
  };
}

function moduleValues(address: string, parts: readonly Part[]): object {
  const children = new Set(
    parts.flatMap(({ module }) => {
      const rest = address === '' ? module : module.startsWith(`${address}.`) ? module.slice(address.length + 1) : '';
      const [first] = /^module\.[\w-]+(?:\[[^\]]+\])?/.exec(rest) ?? [];
      return first === undefined ? [] : [address === '' ? first : `${address}.${first}`];
    }),
  );
  const own = parts.filter(({ module }) => module === address);
  return {
    ...(address !== '' && { address }),
    resources: own.map(({ address: id, mode, type, name, index, values, sensitive }) => ({
      ...{ address: id, mode, type, name, provider_name: 'registry.terraform.io/hashicorp/aws' },
      ...(index !== undefined && { index }),
      ...{ values: values ?? {}, sensitive_values: sensitive ?? {} },
    })),
    child_modules: [...children].map((child) => moduleValues(child, parts)),
  };
}

function moduleConfiguration(path: string, parts: readonly Part[], modules: Modules): object {
  const prefix = path === '' ? '' : `${path}.`;
  const names = new Set(
    [...Object.keys(modules), ...parts.map((part) => part.path)]
      .filter((each) => each.startsWith(prefix) && each !== path && each !== '')
      .map((each) => each.slice(prefix.length).split('.')[0] ?? ''),
  );
  const own = new Map(parts.filter((part) => part.path === path).map((part) => [`${part.type}.${part.name}`, part]));
  return {
    variables: modules[path]?.variables ?? {},
    outputs: Object.fromEntries(
      Object.entries(modules[path]?.outputs ?? {}).map(([name, references]) => [name, { expression: { references } }]),
    ),
    resources: [...own.values()].map(({ mode, type, name, refs, provider, count, forEach }) => ({
      ...{ address: `${mode === 'data' ? 'data.' : ''}${type}.${name}`, mode, type, name },
      provider_config_key: provider ?? 'aws',
      ...(count && { count_expression: { references: count } }),
      ...(forEach && { for_each_expression: { references: forEach } }),
      expressions: Object.fromEntries(
        Object.entries(refs ?? {}).map(([key, value]) => [
          key,
          Array.isArray(value) && value.every((each) => typeof each === 'string') ? { references: value } : value,
        ]),
      ),
    })),
    module_calls: Object.fromEntries(
      [...names].map((name) => {
        const child = `${prefix}${name}`;
        const { inputs: expressions = {}, count, source = `./${name}` } = modules[child] ?? {};
        const many = count && { count_expression: { references: count } };
        return [name, { source, expressions, ...many, module: moduleConfiguration(child, parts, modules) }];
      }),
    ),
  };
}

/** A log group that refers to its key. Terraform since 1.1 lists the parts of a reference, too. */
export function aGroup(refs: readonly string[] | null, more: Partial<Planned> = {}): Planned {
  return {
    address: 'aws_cloudwatch_log_group.app',
    values: { name: '/app/a' },
    unknown: refs === null ? {} : { kms_key_id: true, arn: true },
    ...(refs !== null && { refs: { kms_key_id: refs } }),
    ...more,
  };
}

/** A planned key without a policy. */
export function aKey(more: Partial<Planned> = {}): Planned {
  return {
    address: 'aws_kms_key.logs',
    values: { customer_master_key_spec: 'SYMMETRIC_DEFAULT', key_usage: 'ENCRYPT_DECRYPT', is_enabled: true },
    unknown: { arn: true, id: true, key_id: true, policy: true },
    ...more,
  };
}

/** A planned key with a policy that is known. */
export function aKeyWith(policy: string, more: Partial<Planned> = {}): Planned {
  const key = aKey(more);
  return {
    ...key,
    values: { ...key.values, policy },
    unknown: { arn: true, id: true, key_id: true },
    refs: { policy: { references: [] } },
  };
}

export const LOGS_ARN = ['aws_kms_key.logs.arn', 'aws_kms_key.logs'];
export const LOGS_ID = ['aws_kms_key.logs.key_id', 'aws_kms_key.logs'];

/** The policy that AWS documents. */
export function goodPolicy(region = REGION, account = ACCOUNT, name = '*'): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' },
      {
        Sid: 'Logs',
        Effect: 'Allow',
        Principal: { Service: `logs.${region}.amazonaws.com` },
        Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
        Resource: '*',
        Condition: {
          ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${account}:log-group:${name}` },
        },
      },
    ],
  });
}

export async function readPlan(
  content: object | string | Uint8Array,
  options: Partial<ReadOptions> = {},
  path = 'plan.json',
): Promise<FileReading | undefined> {
  const isBytes = content instanceof Uint8Array;
  const bytes = isBytes ? content : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  const file = { path, bytes, text: decodeTemplate(bytes) };
  return readTemplateFile(file, {
    ...{ parameters: new Map(), region: null, account: ACCOUNT, open: async () => undefined },
    ...options,
  });
}

export async function findingsOf(
  content: Parameters<typeof readPlan>[0],
  options: Partial<ReadOptions> = {},
): Promise<TemplateFinding[]> {
  const reading = await readPlan(content, options);
  if (!reading || reading.mistakes.length > 0) throw new Error(JSON.stringify(reading?.mistakes));
  return reading.declarations.flatMap((each) => templateFindings(each, rulesAt(new Date('2026-11-29T00:00:00Z'))));
}

/** The only finding of a plan of these resources. */
export async function findingOf(
  resources: readonly Planned[],
  plan: PlanOptions = {},
  options: Partial<ReadOptions> = {},
): Promise<TemplateFinding> {
  const [finding, ...others] = await findingsOf(aPlan(resources, plan), options);
  if (!finding || others.length > 0) throw new Error(`there are ${others.length + 1} findings`);
  return finding;
}

export function codesOf({ reasons }: TemplateFinding): string[] {
  return reasons.map(({ code }) => code);
}
