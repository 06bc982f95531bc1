import { readLogsPrincipal } from '../lib/config/logs-principal.ts';
import { orgIdMistake, unitMistake } from '../lib/config/org-id.ts';
import { slsRoleMistake } from '../lib/domain/providers/alibaba.ts';
import {
  accountMistake,
  externalIdMistake,
  keyMistake,
  regionMistake,
  roleNameMistake,
} from '../lib/domain/providers/aws.ts';
import { DEFAULT_PROVIDER, PROVIDER_NAMES, PROVIDERS } from '../lib/domain/providers/index.ts';
import { type Rules, rulesAt } from '../lib/domain/rules.ts';
import { SERVICE_KEY } from '../lib/domain/stores/logstore.ts';
import type { Provider } from '../lib/domain/target.ts';
import type { Arguments, OptionSpecs } from './arguments.ts';
import type { Host } from './host.ts';
import { quoted } from './quoted.ts';
import { NO_RUN_CONFIGURATION, type RunConfiguration } from './run-configuration.ts';
import { asTyped } from './started-as.ts';
import { logGroupMistake } from './subject.ts';

export const JOURNAL_OPTION = { journal: { kind: 'value' } } as const satisfies OptionSpecs;
export const PROFILE_OPTION = { profile: { kind: 'value' } } as const satisfies OptionSpecs;

/** How accounts other than the caller's own are entered. */
export const ENTER_OPTIONS = {
  'role-name': { kind: 'value', check: roleNameMistake },
  'external-id': { kind: 'value', check: externalIdMistake },
} as const satisfies OptionSpecs;

/** Which accounts to enter besides those that are named one by one. */
export const ORGANIZATION_OPTIONS = {
  organization: { kind: 'flag' },
  'organizational-unit': { kind: 'list', check: unitMistake },
} as const satisfies OptionSpecs;

/** Options that say which targets to work on, and with which key. `validateProvider` checks those that differ by provider. */
export const TARGET_OPTIONS = {
  provider: { kind: 'value', check: providerMistake },
  region: { kind: 'list', separator: ',' },
  'all-regions': { kind: 'flag' },
  account: { kind: 'list', check: accountMistake },
  key: { kind: 'value' },
  'sls-role-arn': { kind: 'value', check: slsRoleMistake },
  'service-key': { kind: 'flag' },
  'require-key': { kind: 'flag' },
  'query-results': { kind: 'flag' },
  'org-id': { kind: 'value', check: orgIdMistake },
} as const satisfies OptionSpecs;

/** Of the commands that plan or apply. A plan in a file does not answer it for whoever applies it. */
export const CALLER_OPTION = { 'no-caller-check': { kind: 'flag' } } as const satisfies OptionSpecs;

/** Options of the commands that are about the configured key alone. */
export const KEY_OPTIONS = {
  region: { kind: 'list', separator: ',', check: regionMistake },
  account: TARGET_OPTIONS.account,
  key: { kind: 'value', check: keyMistake },
  'log-group': { kind: 'value', check: logGroupMistake },
  'query-results': TARGET_OPTIONS['query-results'],
  'org-id': TARGET_OPTIONS['org-id'],
} as const satisfies OptionSpecs;

export const ONE_REGION = { region: { kind: 'value', check: regionMistake } } as const satisfies OptionSpecs;

function providerMistake(text: string): string | undefined {
  if ((PROVIDER_NAMES as readonly string[]).includes(text)) return undefined;
  return `expected ${PROVIDER_NAMES.join(' or ')}, got ${JSON.stringify(text)}`;
}

/** The provider that the options name; a name that does not exist is a mistake that is listed elsewhere. */
export function providerOf(args: Arguments): Provider {
  return PROVIDER_NAMES.find((name) => name === args.value('provider')) ?? DEFAULT_PROVIDER;
}

/** The key to seal with, as the provider's calls take it, or the service key. */
export function keyOf(args: Arguments): string | undefined {
  if (args.flag('service-key')) return SERVICE_KEY;
  const key = args.value('key');
  return key === undefined ? undefined : PROVIDERS[providerOf(args)].keyOf(key);
}

/** Whether to ask which rights the caller lacks. */
export function checksCaller(args: Arguments, provider: Provider): boolean {
  return PROVIDERS[provider].simulatesCaller && !args.flag('no-caller-check');
}

/** What the options demand of every log store, and what they and the environment say of the calls of CloudWatch Logs. */
export function rulesOf(
  args: Arguments,
  { environment }: Host,
  now: Date,
  { configuration, failure }: RunConfiguration = NO_RUN_CONFIGURATION,
): Rules {
  return rulesAt(now, {
    key: keyOf(args) ?? null,
    requiresKey: args.flag('require-key'),
    configuration,
    unreadConfiguration: failure,
    acceptsServiceKey: args.flag('service-key'),
    orgId: args.value('org-id') ?? null,
    logsPrincipal: readLogsPrincipal(environment),
  });
}

/** What a run changes, as far as taking it back needs to know. */
export interface UndoableRun {
  readonly provider: Provider;
  /** Those that it changes, or may have changed. */
  readonly accounts: Iterable<string>;
  /** The organization that the run was made under, so that its key policies are evaluated alike. */
  readonly orgId?: string | undefined;
}

/** The command that takes a run back, ready to paste: with the options to find the journal, and to enter the accounts again. */
export function undoCommand(
  args: Arguments,
  host: Pick<Host, 'startedAs'>,
  runId: string,
  { provider, accounts, orgId }: UndoableRun,
): string {
  const given = [
    ...['profile', 'journal', 'journal-table'].map((name) => [name, args.value(name)] as const),
    ...enteredBy(args, accounts),
    ...['role-name', 'external-id'].map((name) => [name, args.value(name)] as const),
    ['org-id', orgId] as const,
  ].filter(([, value]) => value !== undefined);
  const options = given.map(([name, value]) => ` --${name}${value ? `=${quoted(value)}` : ''}`).join('');
  return asTyped(`logseal undo --run ${runId}${PROVIDERS[provider].undoOption}${options}`, host);
}

/** The options that say which accounts may be entered: those of the organization, or each that was changed. */
function enteredBy(args: Arguments, accounts: Iterable<string>): (readonly [name: string, value: string])[] {
  if (!args.flag('role-name')) return [];
  const named = (name: string, values: Iterable<string>) =>
    [...new Set(values)].sort().map((value) => [name, value] as const);
  if (args.flag('organization')) return [['organization', ''], ...named('account', args.list('account'))];
  const units = args.list('organizational-unit');
  if (units.length > 0) return [...named('organizational-unit', units), ...named('account', args.list('account'))];
  return named('account', accounts);
}
