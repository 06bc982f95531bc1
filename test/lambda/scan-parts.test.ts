import { describe, expect, test } from 'vitest';
import type { Summary } from '../../lib/domain/summary.ts';
import { EMPTY_SUMMARY } from '../../lib/domain/summary.ts';
import { scanTrigger } from '../../lib/lambda/triggers.ts';
import { aKeyArn, REGION } from '../support/builders.ts';
import { manyGroups } from '../support/fake-cloud.ts';
import { aSetup, asEvent, DISABLED, request, SCHEDULE, WORLD } from './scan-setup.ts';
import { HOME } from './support.ts';

describe('when time is up', () => {
  test('requests the rest, with the token and the counts so far', async () => {
    const { bus, scan, scans } = aSetup({ [REGION]: { groups: manyGroups(120) } }, { isTimeUp: () => true });

    await scan(request());

    expect(bus.of('Log Store Finding')).toHaveLength(50);
    expect(bus.sent.slice(50)).toEqual([
      {
        detailType: 'Scan Requested',
        detail: {
          schema: 'logseal/scan-requested/1',
          runId: 'asked-for',
          ...HOME,
          nextToken: '50',
          counts: {
            ...EMPTY_SUMMARY,
            stores: 50,
            nonCompliant: 50,
            byReason: { NO_KEY: 50 },
            bySeverity: { MEDIUM: 50 },
          },
        },
      },
    ]);
    expect(scans).toMatchObject([[{ goesOn: true }, {}]]);
  });

  test('requests nothing after the last page', async () => {
    const { bus, scan } = aSetup({ [REGION]: WORLD }, { isTimeUp: () => true });

    await scan(request());

    expect(bus.types().at(-1)).toBe('Scan Completed');
  });

  test.each([1, 2, 3])(
    'a run that stops every %i pages reports each log group once, and its counts add up',
    async (pages) => {
      const groups = { ...manyGroups(170), '/healthy': aKeyArn(), '/disabled': DISABLED };
      let pagesRead = 0;
      const { bus, scan } = aSetup({ [REGION]: { ...WORLD, groups } }, { isTimeUp: () => ++pagesRead % pages === 0 });

      await scan(SCHEDULE);
      for (let handled = 0; handled < bus.of('Scan Requested').length; handled++) {
        const asked = bus.sent.filter(({ detailType }) => detailType === 'Scan Requested')[handled];
        pagesRead = 0;
        expect(await scan(scanTrigger(asked && asEvent(asked)))).toEqual([undefined]);
      }

      const counts: Summary = {
        stores: 172,
        compliant: 1,
        nonCompliant: 171,
        exempt: 0,
        unknown: 0,
        filtered: 0,
        byReason: { NO_KEY: 170, KEY_DISABLED: 1 },
        bySeverity: { HIGH: 1, MEDIUM: 170 },
      };
      expect(bus.of('Scan Completed')).toMatchObject([{ status: 'COMPLETE', runId: 'scheduled', counts }]);
      const names = bus.of('Log Store Finding').map(({ name }) => name);
      expect(new Set(names).size).toBe(171);
      expect(names).toHaveLength(171);
    },
  );
});
