import { describe, expect, test } from 'vitest';
import { earlierLogsWarnings } from '../../lib/domain/earlier-logs.ts';
import { whyUnusable } from '../../lib/domain/key.ts';
import { keyNotFound } from '../../lib/domain/unusable-key.ts';
import { aKey, aKeyArn, aLogGroup, anInspection, REGION } from '../support/builders.ts';

const OLD = aKeyArn('old');
const REPLICA = aKeyArn('mrk-1234');
const deletionDate = new Date('2026-12-24T09:00:00Z');
const inState = (state: string) =>
  anInspection({
    keyArn: OLD,
    reasons: whyUnusable(
      aKey({ arn: OLD, state, ...(state === 'PendingDeletion' && { deletionDate }) }),
      'aws',
      'ATTACHED',
    ),
  });
const gone = (keyArn: string) => anInspection({ keyArn, reasons: [keyNotFound(keyArn, REGION, 'ATTACHED')] });
const warningFor = (earlier: ReturnType<typeof anInspection> | null) =>
  earlierLogsWarnings(aLogGroup('/app/web'), earlier);

describe('a log store that gets another key is warned about its earlier logs', () => {
  test('which are lost on a known date, with the command that prevents it', () => {
    expect(warningFor(inState('PendingDeletion'))).toEqual([
      {
        ...{ code: 'EARLIER_LOGS_AT_RISK', severity: 'CRITICAL' },
        message:
          'the earlier logs of /app/web stay under the key that they were written with: ' +
          `what was encrypted under ${OLD} cannot be read now, and will be lost on 2026-12-24, when the key is deleted`,
        fix: expect.stringMatching(/^aws kms cancel-key-deletion --key-id .*, then aws kms enable-key --key-id .*$/),
      },
    ]);
    expect(warningFor(inState('PendingReplicaDeletion'))).toMatchObject([
      { code: 'EARLIER_LOGS_AT_RISK', severity: 'CRITICAL', fix: expect.stringContaining('cancel-key-deletion') },
    ]);
  });

  test('which are lost already, unless another Region has the key', () => {
    expect(warningFor(gone(OLD))).toMatchObject([
      { code: 'EARLIER_LOGS_AT_RISK', severity: 'CRITICAL', fix: 'nothing to do: no other key makes them readable' },
    ]);
    expect(warningFor(gone(REPLICA))).toMatchObject([
      { code: 'EARLIER_LOGS_AT_RISK', fix: expect.stringMatching(/^replicate the key to eu-west-1 again/) },
    ]);
  });

  test.each([
    ['Disabled', 'aws kms enable-key'],
    ['PendingImport', 'import the key material'],
    ['Unavailable', 'reconnect its custom key store'],
  ])('which cannot be read while the key is %s', (state, fix) => {
    expect(warningFor(inState(state))).toMatchObject([
      { code: 'EARLIER_LOGS_UNREADABLE', severity: 'HIGH', fix: expect.stringContaining(fix) },
    ]);
  });

  test('but not where it has no key yet, or one that works', () => {
    expect(warningFor(null)).toEqual([]);
    expect(warningFor(inState('Enabled'))).toEqual([]);
  });
});
