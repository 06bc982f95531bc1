import { describe, expect, it } from 'vitest';
import type { CanaryReport } from '../../../lib/app/change/apply-canary.ts';
import { aKeyArn, aLogGroup, anOutcome } from '../../support/builders.ts';
import { drawn, outcomeTotals } from '../builders.ts';

const watched = (name: string, more: Partial<CanaryReport['stores'][number]> = {}) => ({
  store: aLogGroup(name),
  toKeyArn: aKeyArn(),
  eventsPerMinuteBefore: 1234.5678,
  changedAt: '2026-01-01T12:00:00.000Z',
  state: 'RECEIVING' as const,
  silentSince: null,
  isConfirmedByStreams: true,
  ...more,
});
const silent = (name: string) => watched(name, { state: 'SILENT', silentSince: '2026-01-01T12:03:00.000Z' });
const text = (canary: Partial<CanaryReport>, outcomes = [anOutcome()]) =>
  drawn(
    'outcome',
    outcomes,
    outcomeTotals({
      canary: {
        asked: 2,
        chosen: 1,
        minutes: 10,
        result: 'RECEIVING',
        because: null,
        stores: [watched('/a')],
        ...canary,
      },
    }),
  );

describe('a canary in an outcome', () => {
  it('that kept receiving logs is one line', () => {
    expect(text({ asked: 1 })).toContain('\ncanary: 1 log store kept receiving logs for 10 minutes\n');
    expect(text({ asked: 1, minutes: 9 })).toContain(' kept receiving logs for 9 minutes\n');
    expect(text({ asked: 1, minutes: 6 })).toContain(
      ' kept receiving logs for about 9 minutes (6 were asked for, and the metric is not complete before)\n',
    );
    expect(text({})).toContain(
      '\ncanary: 1 log store (2 were asked for: only 1 of those to seal was receiving logs) kept receiving logs for 10 minutes\n',
    );
  });

  it.each([
    [
      { asked: 3, chosen: 2 },
      '3 were asked for: only 2 of those to seal were receiving logs, and 1 could not be sealed',
    ],
    [{ asked: 2, chosen: 2 }, '2 were asked for: 1 could not be sealed'],
  ])('%j of which one was watched says why', (canary, why) => {
    expect(text(canary)).toContain(`\ncanary: 1 log store (${why}) kept receiving`);
  });

  it('says where only the metric shows it', () => {
    const stores = Array.from({ length: 12 }, (_, index) => watched(`/${index}`, { isConfirmedByStreams: false }));

    expect(text({ asked: 12, stores })).toContain(
      '\nnote: only the metric shows this for /0, /1, /2, /3, /4, /5, /6, /7, /8, /9 and 2 more; AWS updates log streams up to an hour late\n',
    );
    expect(text({})).not.toContain('note:');
  });

  it('that fell silent names each silent log store, its rate before and since when, and the fix', () => {
    const shown = text({ result: 'SILENT', stores: [watched('/a'), silent('/b'), silent('/c')] });

    expect(shown).toContain(
      '\ncanary: /b in eu-west-1 is silent since 2026-01-01T12:03:00.000Z (1,230 events a minute in the hour before its change)\n' +
        'canary: /c in eu-west-1 is silent since ',
    );
    expect(shown).toContain(
      `\n  fix: let whoever writes to it use the key through CloudWatch Logs\n  for all principals of the account:\n    logseal key repair --readers-and-writers --key ${aKeyArn()} --region eu-west-1\n  what is known of the writer:\n    logseal key check --key ${aKeyArn()} --region eu-west-1 --log-group /b\n`,
    );
    expect(shown).not.toContain('canary: /a');
  });

  it('that fell silent names the account of the log store where the key is of another', () => {
    const theirs = { ...silent('/b'), store: aLogGroup('/b', { account: '444455556666' }) };

    const shown = text({ result: 'SILENT', stores: [theirs] });

    const onKey = `--key ${aKeyArn()} --region eu-west-1 --account 444455556666`;
    expect(shown).toContain(`logseal key repair --readers-and-writers ${onKey}\n`);
    expect(shown).toContain(`logseal key check ${onKey} --log-group /b\n`);
  });

  it('names ten silent log stores at most', () => {
    const stores = Array.from({ length: 12 }, (_, index) => silent(`/${index}`));

    expect(text({ result: 'SILENT', stores }).match(/^canary: /gm)).toHaveLength(10);
    expect(text({ result: 'SILENT', stores })).toContain('… and 2 more\n');
  });

  it.each([
    ['UNKNOWN', 'since it is not known whether the canary keeps receiving logs'],
    ['SILENT', 'since the canary fell silent'],
    ['INTERRUPTED', 'since the run was interrupted'],
    ['RECEIVING', 'since the run was interrupted'],
  ] as const)('that ended %s says why the rest was skipped', (result, why) => {
    const outcomes = [anOutcome(), anOutcome({ name: '/b', outcome: 'SKIPPED' })];

    expect(text({ result, because: 'no data' }, outcomes)).toContain(`1 skipped, ${why} (run `);
  });

  it('that is not known says why, and one that was interrupted says so', () => {
    expect(text({ result: 'UNKNOWN', because: 'no data' })).toContain(
      '\ncanary: whether 1 log store (2 were asked for: only 1 of those to seal was receiving logs) keeps receiving logs is not known: no data; nothing more was changed\n',
    );
    expect(text({ result: 'INTERRUPTED' })).toContain(
      '\ncanary: the watch over 1 log store (2 were asked for: only 1 of those to seal was receiving logs) was interrupted\n',
    );
  });

  it('that was rolled back is counted, and can be undone only where something stays sealed', () => {
    const back = anOutcome({ outcome: 'ROLLED_BACK' });
    const stays = anOutcome({ name: '/b', outcome: 'FAILED', error: { code: 'THROTTLED', message: 'too fast' } });

    expect(text({ result: 'SILENT' }, [back])).toMatch(/^ROLLED_BACK +\/app\/a$/m);
    expect(text({ result: 'SILENT' }, [anOutcome({ outcome: 'SKIPPED' })])).toMatch(/^SKIPPED +\S+$/m);
    expect(text({ result: 'SILENT' }, [back])).toContain('0 failed, 1 rolled back (run ');
    expect(text({ result: 'SILENT' }, [back])).not.toContain('undo:');
    const stores = [silent('/app/a'), watched('/b')];
    expect(text({ result: 'SILENT', stores }, [back, stays])).toContain('undo: logseal undo --run');
    expect(text({ result: 'SILENT', stores: [silent('/app/a')] }, [back, stays])).not.toContain('undo:');
  });
});
