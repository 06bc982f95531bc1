import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SEVERITIES } from '../../lib/domain/catalogue-entry.ts';
import { keyFindingOf } from '../../lib/domain/key-finding.ts';
import {
  KEY_POLICY_CODES,
  problem,
  REASON_CODES,
  REFUSAL_CODES,
  STEP_WARNING_CODES,
} from '../../lib/domain/reasons.ts';
import { kindOf, LOG_STORE_TYPES } from '../../lib/domain/stores/index.ts';
import { EMPTY_SUMMARY } from '../../lib/domain/summary.ts';
import { CLOUD_ERROR_CODES } from '../../lib/errors.ts';
import {
  ACCOUNT,
  aFinding,
  aLogGroup,
  anInspection,
  anOutcome,
  aPolicyInspection,
  aReason,
  REGION,
  TARGET,
} from '../support/builders.ts';
import { aFindingEvent, aScanRequest } from './builders.ts';
import { eventsIn, KEY_EVENTS, KEY_STORE_CALLS } from './samples.ts';
import { type DetailType, eventMistakes, expectValidEvent, SCHEMA_FILES } from './schemas.ts';

const FOLDER = new URL('../../events/schemas/', import.meta.url);
const REFUSAL = problem('STORE_GONE', 'm', 'c');
const FAILURE = { code: 'THROTTLED', message: 'm' };
const MISSING_RIGHT = { action: 'kms:DescribeKey', resource: 'arn:aws:kms:eu-west-1:111122223333:key/a' };
const ALIAS = `arn:aws:kms:${REGION}:${ACCOUNT}:alias/logseal`;
const WARNING = problem('KEY_POLICY_DENIES', 'm', 'c');
const UNREADABLE = { status: 'UNKNOWN', reasons: [aReason('KEY_UNREADABLE')] } as const;

const completed = (detail: object = {}) => {
  const about = { schema: 'logseal/scan-completed/1', runId: 'r', provider: 'aws', account: ACCOUNT, region: REGION };
  return { ...about, status: 'COMPLETE', error: null, counts: EMPTY_SUMMARY, ...detail };
};
const finding = (detail: object = {}) => aFindingEvent('/app/a', detail).detail;
const requested = (detail: object = {}) => aScanRequest(detail).detail;
const outcome = (detail: object = {}) => {
  const about = { schema: 'logseal/remediation-outcome/1', runId: 'r', mode: 'Enforce' };
  return { ...about, ...anOutcome(), ...detail };
};
const keyFinding = (detail: object = {}) => ({
  schema: 'logseal/key-finding/1',
  ...keyFindingOf(TARGET, {
    inspection: anInspection({ state: 'Enabled', policy: aPolicyInspection() }),
    aliases: [ALIAS],
    isConfigured: true,
    movedAlias: 'alias/logseal',
    trigger: 'UpdateAlias',
    changedBy: 'arn:aws:iam::111122223333:user/eve',
  }),
  ...detail,
});
const NOTICED = {
  ...{ id: 'e-1', reason: 'no secrets', owner: 'team-a', expires: '2026-12-31' },
  ...{ notices: ['ENDS_SOON', 'UNMATCHED'], stores: 0 },
};
const exemptionsReported = (exemption: object = {}) => ({
  ...{ schema: 'logseal/exemptions-reported/1', runId: 'r', ...TARGET },
  exemptions: [{ ...NOTICED, ...exemption }],
});
const counted = (counts: object) => ({ counts: { ...EMPTY_SUMMARY, ...counts } });
const WHOLE: Readonly<Record<DetailType, object>> = {
  'Scan Requested': requested(),
  'Scan Completed': completed(),
  'Log Store Finding': finding(),
  'Remediation Outcome': outcome(),
  'Key Finding': keyFinding(),
  'Exemptions Reported': exemptionsReported(),
};
const DETAIL_TYPES = Object.keys(WHOLE) as DetailType[];

const OF_KEYS = ofAws(REASON_CODES).filter((code) => code !== 'NO_KEY' && code !== 'KEY_NOT_CONFIGURED');
/** In the order in which the schema has them. */
const KEY_TRIGGERS = KEY_EVENTS.filter((name) => !KEY_STORE_CALLS.includes(name)).map((name) => {
  const [event] = eventsIn(name);
  return event?.detail.eventName ?? event?.['detail-type'];
});

/** The codes that the functions use, which work on AWS only. */
function ofAws(codes: readonly string[]): string[] {
  return codes.filter((code) => !['ENCRYPTION_OFF', 'SERVICE_KEY', 'IRREVERSIBLE'].includes(code));
}

test('there is a schema for each event, with the event’s name, and no other', () => {
  const kebab = DETAIL_TYPES.map((detailType) => `${detailType.toLowerCase().replaceAll(' ', '-')}.json`);

  expect(readdirSync(FOLDER).sort()).toEqual(kebab.sort());
});

describe.each(DETAIL_TYPES)('%s', (detailType) => {
  const whole = WHOLE[detailType];

  test('a complete detail is valid, and so is one with more fields', () => {
    expectValidEvent(detailType, whole);
    expectValidEvent(detailType, { ...whole, addedLater: { any: 'thing' } });
  });

  test.each(Object.keys(whole))('%s is required and has a type', (field) => {
    const { [field]: _, ...rest } = whole as Record<string, unknown>;

    expect(eventMistakes(detailType, rest)).not.toEqual([]);
    expect(eventMistakes(detailType, { ...whole, [field]: 7 })).not.toEqual([]);
    expect(eventMistakes(detailType, { ...whole, [field]: [7] })).not.toEqual([]);
  });

  test.each([null, [], 'text', 7])('%j is invalid', (detail) => {
    expect(eventMistakes(detailType, detail)).not.toEqual([]);
  });

  test('another schema is invalid', () => {
    expect(eventMistakes(detailType, { ...whole, schema: 'logseal/other/1' })).not.toEqual([]);
  });
});

test.each([
  ['Scan Requested', requested({ nextToken: 'AAAA', ...counted({ stores: 1, unknown: 1, byReason: { NO_KEY: 1 } }) })],
  ['Scan Requested', requested({ region: 'all' })],
  ['Scan Completed', completed(counted({ filtered: 2, bySeverity: { CRITICAL: 1, LOW: 3 } }))],
  ['Scan Completed', completed({ status: 'FAILED', error: FAILURE })],
  ['Scan Completed', completed({ status: 'FAILED', error: FAILURE, account: '' })],
  ['Scan Completed', completed({ config: 'READ' })],
  ['Scan Completed', completed({ config: null })],
  ['Exemptions Reported', exemptionsReported({ stores: null, notices: ['EXPIRED'] })],
  ['Log Store Finding', finding(UNREADABLE)],
  ['Log Store Finding', finding({ keyArn: `arn:aws-cn:kms:cn-north-1:${ACCOUNT}:key/mrk-1` })],
  ['Log Store Finding', finding({ warnings: [WARNING] })],
  ['Log Store Finding', finding({ reasons: [{ ...aReason(), addedLater: 1 }] })],
  ['Log Store Finding', finding({ reasons: [{ ...aReason(), missingRight: MISSING_RIGHT }] })],
  ['Remediation Outcome', outcome({ warnings: [{ ...WARNING, missingRight: MISSING_RIGHT }] })],
  ['Remediation Outcome', outcome({ action: 'NONE', outcome: 'REFUSED', refusal: REFUSAL, toKeyArn: null })],
  ['Remediation Outcome', outcome({ outcome: 'FAILED', error: FAILURE })],
  ['Remediation Outcome', outcome({ outcome: 'UNCHANGED', mode: 'Audit' })],
  ['Remediation Outcome', outcome({ outcome: 'SKIPPED' })],
  ['Remediation Outcome', outcome({ outcome: 'ROLLED_BACK' })],
  ['Remediation Outcome', outcome({ warnings: [WARNING] })],
  ['Key Finding', keyFinding({ keyArn: null, aliases: [], state: null })],
  ['Key Finding', keyFinding({ reasons: [], severity: null, warnings: [WARNING], isConfigured: false })],
  ['Key Finding', keyFinding({ aliases: null, isConfigured: null, trigger: 'KMS CMK Deletion' })],
])('%s may be %j', (detailType, detail) => {
  expectValidEvent(detailType, detail);
});

test.each([
  ['Scan Requested', requested({ provider: 'gcp' })],
  ['Scan Requested', requested({ account: '1234' })],
  ['Scan Requested', requested({ region: 'Dublin' })],
  ['Scan Requested', requested({ region: 'all', nextToken: 'AAAA' })],
  ['Scan Requested', requested({ nextToken: '' })],
  ['Scan Requested', requested(counted({ stores: -1 }))],
  ['Scan Requested', requested(counted({ compliant: 1.5 }))],
  ['Scan Requested', requested(counted({ byReason: { NO_SUCH_REASON: 1 } }))],
  ['Scan Requested', requested(counted({ byReason: { NO_KEY: 0 } }))],
  ['Scan Requested', requested(counted({ filtered: -1 }))],
  ['Scan Requested', requested(counted({ bySeverity: { NONE: 1 } }))],
  ['Scan Requested', requested(counted({ bySeverity: { HIGH: 0 } }))],
  ['Scan Requested', requested({ counts: { stores: 0 } })],
  ['Scan Completed', completed({ status: 'DONE' })],
  ['Scan Completed', completed({ status: 'FAILED' })],
  ['Scan Completed', completed({ error: FAILURE })],
  ['Scan Completed', completed({ account: '' })],
  ['Scan Completed', completed({ status: 'FAILED', error: { code: 'ODD', message: 'm' } })],
  ['Log Store Finding', finding({ status: 'COMPLIANT', reasons: [] })],
  ['Log Store Finding', finding({ reasons: [] })],
  ['Log Store Finding', finding({ reasons: [{ ...aReason(), code: 'NO_SUCH_REASON' }] })],
  ['Log Store Finding', finding({ severity: 'NONE' })],
  ['Log Store Finding', finding({ severity: null })],
  ['Log Store Finding', finding({ reasons: [{ ...aReason(), severity: 'NONE' }] })],
  ['Log Store Finding', finding({ reasons: [{ code: 'NO_KEY', severity: 'MEDIUM', message: 'm' }] })],
  ['Log Store Finding', finding({ reasons: [{ code: 'NO_KEY', message: 'm', fix: 'c' }] })],
  ['Log Store Finding', finding({ warnings: [{ ...WARNING, severity: undefined }] })],
  ['Log Store Finding', finding({ reasons: [{ ...aReason(), fix: '' }] })],
  ['Log Store Finding', finding({ warnings: [{ ...WARNING, missingRight: { action: 'kms:Encrypt' } }] })],
  ['Log Store Finding', finding({ status: 'UNKNOWN' })],
  ['Log Store Finding', finding({ reasons: [aReason('KEY_UNREADABLE')] })],
  ['Log Store Finding', finding({ warnings: [aReason('NO_KEY')] })],
  ['Log Store Finding', finding({ arn: `${aLogGroup().arn}:*` })],
  ['Log Store Finding', finding({ name: 'a b' })],
  ['Log Store Finding', finding({ type: 'bucket' })],
  ['Log Store Finding', finding({ keyArn: '17eb3c01-68d0-47b2-aede-5481150f1723' })],
  ['Log Store Finding', finding({ exemption: 'yes' })],
  ['Remediation Outcome', outcome({ outcome: 'DONE' })],
  ['Remediation Outcome', outcome({ action: 'REPLACE' })],
  ['Remediation Outcome', outcome({ mode: 'audit' })],
  ['Remediation Outcome', outcome({ mode: 'Audit' })],
  ['Remediation Outcome', outcome({ outcome: 'REFUSED' })],
  ['Remediation Outcome', outcome({ outcome: 'FAILED' })],
  ['Remediation Outcome', outcome({ refusal: REFUSAL })],
  ['Remediation Outcome', outcome({ error: FAILURE })],
  ['Remediation Outcome', outcome({ toKeyArn: null })],
  ['Remediation Outcome', outcome({ toKeyArn: 'alias/logseal' })],
  ['Remediation Outcome', outcome({ outcome: 'REFUSED', refusal: { ...REFUSAL, code: 'NO_SUCH_REFUSAL' } })],
  ['Remediation Outcome', outcome({ outcome: 'REFUSED', refusal: { code: 'STORE_GONE' } })],
  ['Remediation Outcome', outcome({ outcome: 'REFUSED', refusal: { ...REFUSAL, severity: undefined } })],
  ['Remediation Outcome', outcome({ warnings: [REFUSAL] })],
  ['Remediation Outcome', outcome({ outcome: 'SKIPPED', refusal: REFUSAL })],
  ['Remediation Outcome', outcome({ store: { ...aLogGroup(), account: 111122223333 } })],
  ['Remediation Outcome', outcome({ store: aFinding().arn })],
  ['Key Finding', keyFinding({ keyArn: ALIAS })],
  ['Key Finding', keyFinding({ aliases: ['alias/logseal'] })],
  ['Key Finding', keyFinding({ severity: 'NONE' })],
  ['Key Finding', keyFinding({ reasons: [aReason('NO_KEY')] })],
  ['Key Finding', keyFinding({ isConfigured: 'yes' })],
  ['Key Finding', keyFinding({ trigger: 'Decrypt' })],
  ['Scan Completed', completed({ config: 'WRONG' })],
  ['Exemptions Reported', exemptionsReported({ notices: [] })],
  ['Exemptions Reported', exemptionsReported({ notices: ['OLD'] })],
  ['Exemptions Reported', exemptionsReported({ expires: null })],
  ['Exemptions Reported', exemptionsReported({ stores: -1 })],
  ['Exemptions Reported', { ...exemptionsReported(), exemptions: [] }],
  ['Finding', finding()],
])('%s may not be %j', (detailType, detail) => {
  expect(eventMistakes(detailType, detail)).not.toEqual([]);
});

test.each(['finding', 'findings', 'scan-requested'])('the events in %s.json are valid', (name) => {
  for (const { 'detail-type': detailType, detail } of eventsIn(name)) expectValidEvent(detailType, detail);
});

test.each(['log-store-finding', 'remediation-outcome'])(
  '%s.json has exactly the kinds of log stores in AWS',
  (name) => {
    const schema = readFileSync(new URL(`${name}.json`, FOLDER), 'utf8');
    const kinds = [...schema.matchAll(/"type": \{\s*"enum": (\[[^\]]*\])/g)].map(([, list = '']) => JSON.parse(list));

    expect(kinds).toEqual([LOG_STORE_TYPES.filter((type) => kindOf({ type }).provider === 'aws')]);
  },
);

test('the schemas have exactly the codes of the domain', () => {
  const codes = DETAIL_TYPES.flatMap((detailType) => {
    const schema = readFileSync(new URL(`${SCHEMA_FILES[detailType]}.json`, FOLDER), 'utf8');
    return [...schema.matchAll(/"enum": (\[[^\]]*\])/g)].map(([, list = '']) => JSON.parse(list) as string[]);
  });
  const lists = codes.filter((list) => list.length > 3).map(String);

  expect(new Set(lists)).toEqual(
    new Set([REASON_CODES, KEY_POLICY_CODES, REFUSAL_CODES, CLOUD_ERROR_CODES, SEVERITIES].map(ofAws).map(String))
      .add('SEALED,UNSEALED,UNCHANGED,REFUSED,FAILED,SKIPPED,ROLLED_BACK')
      // A key has no log store, so what only a log store can be flagged for is not among these.
      .add(['KEY_ALIAS_MOVED', ...OF_KEYS].join())
      .add([...SEVERITIES, null].join())
      .add(KEY_TRIGGERS.join())
      // Of the warnings about sealing, the functions give all but the one about stacks.
      .add([...KEY_POLICY_CODES, ...STEP_WARNING_CODES].filter((code) => code !== 'MANAGED_BY_CLOUDFORMATION').join()),
  );
});
