import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { World } from '../../sandbox/world.ts';
import { aCanaryDesk, FREE, LACKING } from '../support/canary.ts';
import { outcomeSchema, parseDocument, planSchema } from '../support/documents.ts';
import { linesOf } from '../support/logseal.ts';
import { JOURNAL, outcomesOf, runCalls } from './worlds.ts';

const APPLY = 'apply --key alias/logseal --yes';
const ADMIT_WRITERS = 'key repair --readers-and-writers --key alias/logseal --yes';
const JSON_APPLY = `${APPLY} --quiet --format json`;

/** Seven log groups to seal, of which /b is quiet, and the roles of /d and /g lack rights on the key. */
const GROUPS: World['groups'] = {
  '/a': FREE,
  '/b': null,
  '/c': FREE,
  '/d': LACKING,
  '/e': FREE,
  '/f': FREE,
  '/g': LACKING,
};
const OF = (groups: World['groups'], world: World = {}): World => ({ ...world, groups });

describe('a canary of five', () => {
  it('seals five, sees one go silent, puts all five back and names it; after the repair for readers and writers it goes through', async () => {
    const desk = await aCanaryDesk({ groups: GROUPS, delays: { keyMinutes: 4, metricMinutes: 1 } });

    const silent = await desk.run(`${APPLY} --canary 5`);

    expect(silent.status).toBe(3);
    for (const name of ['/a', '/c', '/d', '/e', '/f']) {
      expect(silent.stdout).toMatch(new RegExp(`^MEDIUM +ROLLED_BACK +${name}$`, 'm'));
    }
    for (const name of ['/b', '/g']) expect(silent.stdout).toMatch(new RegExp(`^MEDIUM +SKIPPED +${name}$`, 'm'));
    expect(silent.stdout).toContain(
      '\ncanary: /d in eu-west-1 is silent since 2026-01-01T12:03:59.000Z (60 events a minute in the hour before its change)\n' +
        '  fix: let whoever writes to it use the key through CloudWatch Logs\n',
    );
    const [, key = ''] = /--readers-and-writers --key (arn:aws:kms:\S+) --region eu-west-1\n/.exec(silent.stdout) ?? [];
    expect(silent.stdout).toContain(`logseal key check --key ${key} --region eu-west-1 --log-group /d\n`);
    expect(silent.stdout).toMatch(
      /\n0 log stores sealed, 0 unchanged, 0 refused, 0 failed, 5 rolled back, 2 skipped, since the canary fell silent \(run [0-9a-f-]{36}\)\n$/,
    );
    expect(Object.values(await desk.attached())).toEqual(Array(7).fill(null));
    // 12:06 and 12:07 are the first minutes that begin five minutes after the change, and the latter is read at 12:08 at the earliest.
    expect(desk.minutes()).toBe(8);

    await desk.run(ADMIT_WRITERS);
    const { status, stdout } = await desk.run(`${JSON_APPLY} --canary 5`);

    const { steps, canary } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(0);
    expect(canary).toMatchObject({ asked: 5, minutes: 10, result: 'RECEIVING', because: null });
    expect(
      canary?.stores.map(({ store, state, isConfirmedByStreams }) => [store.name, state, isConfirmedByStreams]),
    ).toEqual(['/a', '/c', '/d', '/e', '/f'].map((name) => [name, 'RECEIVING', true]));
    expect(outcomesOf({ steps })).toEqual(['/a', '/b', '/c', '/d', '/e', '/f', '/g'].map((name) => `${name} SEALED`));
  });

  it('names each log group that fell silent, where two did', async () => {
    const groups = { '/a': LACKING, '/b': FREE, '/c': LACKING };

    const table = await (await aCanaryDesk({ groups })).run(`${APPLY} --canary 3`);
    const json = await (await aCanaryDesk({ groups })).run(`${JSON_APPLY} --canary 3`);

    const since = 'is silent since 2026-01-01T11:59:59.000Z (60 events a minute in the hour before its change)';
    expect(table.stdout).toContain(`\ncanary: /a in eu-west-1 ${since}\ncanary: /c in eu-west-1 ${since}\n  fix: `);
    const { canary, steps } = parseDocument(outcomeSchema, json.stdout);
    expect(canary?.stores.map(({ store, state, silentSince }) => [store.name, state, silentSince])).toEqual([
      ['/a', 'SILENT', '2026-01-01T11:59:59.000Z'],
      ['/b', 'RECEIVING', null],
      ['/c', 'SILENT', '2026-01-01T11:59:59.000Z'],
    ]);
    expect(outcomesOf({ steps })).toEqual(['/a ROLLED_BACK', '/b ROLLED_BACK', '/c ROLLED_BACK']);
    expect([table.status, json.status]).toEqual([3, 3]);
  });

  it('writes the way back into the journal of the same run, which an undo then leaves as it is', async () => {
    const desk = await aCanaryDesk({ groups: GROUPS });

    const { stdout } = await desk.run(`${JSON_APPLY} --canary 5`);

    const { run, steps, canary } = parseDocument(outcomeSchema, stdout);
    const entries = linesOf(await desk.read(JOURNAL));
    expect(outcomesOf({ steps }).filter((line) => line.endsWith(' ROLLED_BACK'))).toHaveLength(5);
    expect(canary).toMatchObject({ result: 'SILENT' });
    expect(canary?.stores.find(({ state }) => state === 'SILENT')).toMatchObject({
      store: { name: '/d' },
      eventsPerMinuteBefore: 60,
      changedAt: '2026-01-01T12:00:00.000Z',
      silentSince: '2026-01-01T11:59:59.000Z',
    });
    expect(new Set(entries.map(({ runId }) => runId))).toEqual(new Set([run.id]));
    expect(entries.filter(({ phase, to }) => phase === 'DONE' && to === null)).toHaveLength(5);
    const undone = await desk.run(`undo --run ${run.id} --yes`);
    expect(undone.status).toBe(0);
    expect(undone.stdout).toContain('5 unchanged');
  });

  it.each([['--run'], ['--store']])('that could not be put back is put back later by undo %s', async (option) => {
    const desk = await aCanaryDesk({ groups: { '/a': LACKING } }, (minute) => {
      if (minute === 7) desk.sandbox.setFaults([{ call: 'logs:DisassociateKmsKey', kind: 'unavailable' }]);
    });
    const { status, stdout } = await desk.run(`${APPLY} --canary 1`);
    desk.sandbox.setFaults([]);
    const [, run] = /\nundo: logseal undo --run (\S+)\n$/.exec(stdout) ?? [];
    expect([status, stdout]).toEqual([3, expect.stringMatching(/^MEDIUM +FAILED: UNAVAILABLE /m)]);

    const undone = await desk.run(`undo ${option} ${option === '--run' ? run : '/a'} --yes`);

    expect([undone.status, undone.stdout]).toEqual([0, expect.stringContaining('1 unsealed')]);
    expect(await desk.attached()).toEqual({ '/a': null });
  });

  it('extends a short watch until the minutes that tell are there', async () => {
    const desk = await aCanaryDesk({ groups: { '/a': FREE } });

    expect((await desk.run(`${APPLY} --canary 1 --watch 6`)).status).toBe(0);
    expect(desk.minutes()).toBe(8);
  });

  it('watches for as long as it is told to, and notices a silence in the middle of it', async () => {
    const desk = await aCanaryDesk({ groups: { '/a': LACKING, '/b': null } }, (minute) => {
      return minute === 30 && desk.keys.putPolicy(keyArn, before);
    });
    const keyArn = await desk.keys.arn();
    const before = await desk.keys.policy(keyArn);
    await desk.run(ADMIT_WRITERS);

    const { status, stdout } = await desk.run(`${APPLY} --canary 1 --watch 60`);

    expect(status).toBe(3);
    expect(stdout).toContain('canary: /a in eu-west-1 is silent since 2026-01-01T12:28:59.000Z (60 events');
    expect(desk.minutes()).toBe(32);
  });

  it('is fewer if fewer are receiving logs, and says so', async () => {
    const desk = await aCanaryDesk(OF({ '/a': FREE, '/b': null, '/c': { key: null, writer: { perMinute: 0.4 } } }));

    const { status, stdout, stderr } = await desk.run(`${APPLY} --canary 5`);

    expect(status).toBe(0);
    expect(stderr).toContain(
      '--canary 5: only 1 of the 3 log stores to seal is receiving logs, with events in most of the last ten minutes, so the canary is 1\n',
    );
    expect(stderr).toContain(
      'The canary of 1 log store is sealed: /a\nWatching whether logs keep coming for 10 minutes; an interrupt ',
    );
    expect(stdout).toContain(
      '\ncanary: 1 log store (5 were asked for: only 1 of those to seal was receiving logs) kept receiving logs for 10 minutes\n',
    );
  });

  it('over several Regions is the first of the plan, whichever Region they are in', async () => {
    const keys = { 'logseal-us': { alias: 'alias/logseal', region: 'us-east-1', policy: 'logs' } };
    const elsewhere = [{ region: 'us-east-1', groups: { '/us': LACKING } }];
    const desk = await aCanaryDesk({ keys, groups: { '/eu': FREE }, elsewhere });

    const { status, stdout } = await desk.run(`${JSON_APPLY} --canary 2 --region eu-west-1 --region us-east-1`);

    const { steps, canary } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(3);
    expect(outcomesOf({ steps }).toSorted()).toEqual(['/eu ROLLED_BACK', '/us ROLLED_BACK']);
    expect(canary?.stores.filter(({ state }) => state === 'SILENT')).toMatchObject([
      { store: { region: 'us-east-1' } },
    ]);
  });

  it('is chosen among those that the limit leaves', async () => {
    const desk = await aCanaryDesk({ groups: { '/a': null, '/b': FREE, '/c': FREE } });

    const { status, stdout } = await desk.run(`${JSON_APPLY} --canary 2 --limit 2`);

    const { steps, canary } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(0);
    expect(canary?.stores.map(({ store }) => store.name)).toEqual(['/b']);
    expect(outcomesOf({ steps })).toEqual(['/a SEALED', '/b SEALED', '/c SKIPPED']);
  });

  it('that somebody else changed during the watch is reported at the end, and the others are sealed', async () => {
    const keys = { other: { alias: 'alias/other', policy: 'logs' } };
    const desk = await aCanaryDesk({ keys, groups: { '/a': FREE, '/b': null } }, async (minute) => {
      if (minute === 7) await desk.keys.attach('/a', await desk.keys.arn('alias/other'));
    });

    const { status, stdout } = await desk.run(`${JSON_APPLY} --canary 1`);

    const { steps } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(3);
    expect(outcomesOf({ steps })).toEqual(['/a SEALED', '/b SEALED']);
    expect(steps.map(({ afterRun }) => afterRun)).toEqual([
      { status: 'CHANGED', keyArn: await desk.keys.arn('alias/other') },
      undefined,
    ]);
  });

  it('of a plan in a file is the first of its steps', async () => {
    const desk = await aCanaryDesk({ groups: { '/a': null, '/b': FREE, '/c': FREE } });
    await desk.run('plan --key alias/logseal --format json --output plan.json');

    const { status, stdout } = await desk.run('apply --plan plan.json --yes --quiet --format json --canary 1');

    const { steps, canary } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(0);
    expect(canary?.stores.map(({ store }) => store.name)).toEqual(['/b']);
    expect(outcomesOf({ steps })).toEqual(['/a SEALED', '/b SEALED', '/c SEALED']);
  });

  it('goes on with the same plan at the next log group that does not have the key yet, until all of them have it', async () => {
    const desk = await aCanaryDesk({ groups: { '/a': FREE, '/b': FREE } });
    await desk.run('plan --key alias/logseal --format json --output plan.json');
    const apply = 'apply --plan plan.json --yes --format json';
    desk.sandbox.setFaults([{ call: 'cloudwatch:GetMetricData', kind: 'unavailable', skip: 1 }]);
    await desk.run(`${apply} --canary 1`);
    desk.sandbox.setFaults([]);

    const { status, stdout, stderr } = await desk.run(`${apply} --canary 2`);
    const none = await desk.run(`${apply} --canary 2`);

    const { steps, canary } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(0);
    expect(canary?.stores.map(({ store }) => store.name)).toEqual(['/b']);
    expect(outcomesOf({ steps })).toEqual(['/a UNCHANGED', '/b SEALED']);
    expect(stderr).toContain(
      '--canary 2: only 1 of the 2 log stores to seal is receiving logs, with events in most of the last ten minutes, without having the key already, so the canary is 1\n',
    );
    expect({ status: none.status, stdout: none.stdout }).toEqual({ status: 2, stdout: '' });
    expect(none.stderr).toContain(
      'logseal: --canary: each of the 2 log stores to seal that is receiving logs, with events in most of the last ten minutes, has the key already: leave --canary out, or plan again to see whether there is anything left to seal\n',
    );
  });

  it('leaves alone what somebody else has changed since, and says that it is not put back', async () => {
    const keys = { other: { alias: 'alias/other', policy: 'logs' } };
    const desk = await aCanaryDesk({ keys, groups: { '/a': LACKING, '/b': FREE } }, async (minute) => {
      if (minute === 7) await desk.keys.attach('/b', await desk.keys.arn('alias/other'));
    });

    const { status, stdout } = await desk.run(`${APPLY} --canary 2`);

    expect(status).toBe(3);
    expect(stdout).toMatch(/^MEDIUM +FAILED: STORE_CHANGED +\/b( |$)/m);
    expect(stdout).toMatch(
      /\n {2}it was sealed and could not be put back: \/b had arn:\S+ after run \S+, and now has arn:/,
    );
    expect(stdout).toMatch(/1 failed, 1 rolled back \(run \S+\)\nundo: logseal undo --run \S+\n$/);
    expect(await desk.attached()).toEqual({ '/a': null, '/b': await desk.keys.arn('alias/other') });
  });
});

describe('nothing more is changed', () => {
  it('where none of the log stores is receiving logs: that is no canary', async () => {
    const desk = await aCanaryDesk({ groups: { '/a': null, '/b': 'disabled' } });

    const { status, stdout, stderr } = await desk.run(`${APPLY} --canary 5`);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(
      'logseal: --canary: expected at least one of the 2 log stores to seal to be receiving logs, with events in most of the last ten minutes; got none: run it when one of them is, name other Regions, or leave --canary out\n',
    );
    expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
    expect(await desk.files()).toEqual([]);
  });

  it.each(['cloudwatch:GetMetricData', 'logs:DescribeLogStreams'] as const)(
    'where %s is refused before, which is 1',
    async (call) => {
      const desk = await aCanaryDesk({ groups: { '/a': FREE }, faults: [{ call, kind: 'deny' }] });

      const { status, stderr } = await desk.run(`${APPLY} --canary 1`);

      expect(status).toBe(1);
      expect(stderr).toMatch(
        new RegExp(
          `^the canary could not be chosen, and nothing was changed\nlogseal: ACCESS_DENIED: .*not authorized to perform: ${call}.*\\(${call}\\)\n  fix: add this statement to a policy of the caller: .*"Action":\\[?"${call}"`,
          'm',
        ),
      );
      expect(runCalls(desk.sandbox, 'logs:AssociateKmsKey')).toBe(0);
    },
  );

  it('after the canary, where CloudWatch refuses during the watch: the canary stays, the rest is SKIPPED', async () => {
    const faults = [{ call: 'cloudwatch:GetMetricData', kind: 'deny', skip: 1 } as const];
    const desk = await aCanaryDesk({ groups: { '/a': FREE, '/b': FREE }, faults });

    const { status, stdout } = await desk.run(`${JSON_APPLY} --canary 1`);

    const { steps, canary } = parseDocument(outcomeSchema, stdout);
    expect(status).toBe(1);
    expect(outcomesOf({ steps })).toEqual(['/a SEALED', '/b SKIPPED']);
    expect(canary).toMatchObject({ result: 'UNKNOWN', stores: [{ state: 'UNKNOWN' }] });
    expect(canary?.because).toMatch(
      /^ACCESS_DENIED: .* \(cloudwatch:GetMetricData\); add this statement to a policy of the caller: .*"cloudwatch:GetMetricData"/,
    );
  });

  it('after the canary, where CloudWatch cannot be reached: the last line says so', async () => {
    const desk = await aCanaryDesk({ groups: { '/a': FREE, '/b': null } }, (minute) => {
      if (minute === 8) desk.sandbox.setFaults([{ call: 'cloudwatch:GetMetricData', kind: 'unavailable' }]);
    });

    const { status, stdout } = await desk.run(`${APPLY} --canary 1`);

    expect(status).toBe(1);
    expect(stdout).toMatch(/^canary: whether 1 log store keeps receiving logs is not known: UNAVAILABLE: /m);
    expect(stdout).toMatch(
      /undo: logseal undo --run \S+\n1 log store sealed, .*1 skipped, since it is not known whether the canary keeps receiving logs/,
    );
  });

  it('with nothing to seal, there is no canary', async () => {
    const desk = await aCanaryDesk({ groups: { '/a': 'logseal' } });

    expect((await desk.run(`${APPLY} --canary 5`)).status).toBe(0);
    expect(runCalls(desk.sandbox, 'cloudwatch:GetMetricData')).toBe(0);
  });
});

describe('an interrupt during the watch', () => {
  const WORLD: World = { groups: { '/a': FREE, '/b': FREE } };

  async function interruptedDesk() {
    const interruption = new AbortController();
    const desk = await aCanaryDesk(WORLD, (minute) => {
      if (minute === 3) interruption.abort();
    });
    return { ...desk, interruption };
  }

  it('puts the canary back without a terminal, which is 130', async () => {
    const desk = await interruptedDesk();

    const { status, stdout } = await desk.runHere(`${JSON_APPLY} --canary 1`, { interruption: desk.interruption });

    const { steps, canary } = parseDocument(outcomeSchema, stdout());
    expect(status).toBe(130);
    expect(canary?.result).toBe('INTERRUPTED');
    expect(outcomesOf({ steps })).toEqual(['/a ROLLED_BACK', '/b SKIPPED']);
    expect(Object.values(await desk.attached())).toEqual([null, null]);
  });

  it.each([
    ['y\n', 'SEALED'],
    ['n\n', 'ROLLED_BACK'],
    ['\n', 'ROLLED_BACK'],
    ['\x03', 'ROLLED_BACK'],
  ])('asks on a terminal, and the answer %j leaves it %s', async (answer, outcome) => {
    const desk = await interruptedDesk();
    const input = new PassThrough();
    let isAnswered = false;
    const onScreen = (screen: string) => {
      if (
        isAnswered ||
        !screen.includes(
          'Keep it sealed (1 log store in account 111122223333, eu-west-1)? Anything but yes puts it back. [y/N]',
        )
      )
        return;
      isAnswered = true;
      setImmediate(() => input.write(answer));
    };

    const own = { interruption: desk.interruption, input, onScreen };
    const { status, stderr } = await desk.runHere(`${JSON_APPLY} --canary 1 --output out.json`, own);

    const { steps } = parseDocument(outcomeSchema, await desk.read('out.json'));
    expect(status).toBe(130);
    expect(outcomesOf({ steps })).toEqual([`/a ${outcome}`, '/b SKIPPED']);
    expect(stderr()).toMatch(/The watch was interrupted\. To take the canary back later: logseal undo --run \S+\n/);
  });
});

describe('wrong usage', () => {
  it.each([
    ['--canary 0', '--canary: expected how many log stores to seal first, a whole number from 1; got "0"'],
    ['--canary few', '--canary: expected how many log stores to seal first, a whole number from 1; got "few"'],
    ['--canary 2.5', '--canary: expected how many log stores to seal first, a whole number from 1; got "2.5"'],
    ['--canary 5 --watch 5', '--watch: expected 6 to 60 minutes, got "5"'],
    ['--canary 5 --watch 61', '--watch: expected 6 to 60 minutes, got "61"'],
    ['--canary 5 --watch 7.5', '--watch: expected 6 to 60 minutes, got "7.5"'],
    ['--watch 10', '--watch: only with --canary'],
    ['--canary 5 --provider alibaba --region cn-hangzhou', '--canary: cannot be combined with --provider alibaba'],
  ])('%s is 2', async (words, mistake) => {
    const desk = await aCanaryDesk({ groups: { '/a': FREE } });

    const { status, stderr } = await desk.run(`${APPLY} ${words}`);

    expect(status).toBe(2);
    expect(stderr).toContain(`logseal: ${mistake}\n`);
    expect(desk.sandbox.calls()).toEqual({});
  });

  it('a canary with a plan of Alibaba Cloud is 2', async () => {
    const desk = await aCanaryDesk({ groups: { '/a': FREE } });
    const { stdout } = await desk.run('plan --key alias/logseal --format json');
    const plan = parseDocument(planSchema, stdout);
    const targets = [{ ...plan.targets[0], provider: 'alibaba', account: '', region: 'cn-hangzhou' }];
    const key = { ...plan.key, configured: '1234abcd-12ab-34cd-56ef-1234567890ab' };
    await desk.write('plan.json', JSON.stringify({ ...plan, key, targets, steps: [] }));

    const { status, stderr } = await desk.run('apply --plan plan.json --yes --canary 1');

    expect(status).toBe(2);
    expect(stderr).toContain('logseal: --canary: cannot be combined with a plan of --provider alibaba\n');
  });
});
