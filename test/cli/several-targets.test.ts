import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readArguments } from '../../cli/arguments.ts';
import { changeTargets } from '../../cli/command-run.ts';
import { placeOf } from '../../cli/confirm.ts';
import type { Host } from '../../cli/host.ts';
import { withProgress } from '../../cli/progress.ts';
import type { Target } from '../../lib/domain/target.ts';

const HERE: Target = { provider: 'aws', account: '111122223333', region: 'eu-west-1' };
const THERE: Target = { ...HERE, account: '444455556666' };

/** A terminal that keeps what was written. */
function aTerminal(columns = 120): { err: Host['err']; text: () => string } {
  let text = '';
  const err = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        text += chunk;
        done();
      },
    }),
    { isTTY: true, columns },
  );
  return { err, text: () => text };
}

describe('progress', () => {
  /** The last line that is shown, where each target did two log stores, one target each minute. */
  const shown = async (
    targets: readonly Target[],
    total: number | null = null,
    columns?: number,
  ): Promise<string | undefined> => {
    const { err, text } = aTerminal(columns);
    let minutes = 0;
    const host = { err, now: () => new Date(minutes * 60_000) };
    const args = readArguments([], { quiet: { kind: 'flag' } }, { directory: '/' });
    await withProgress(
      'listed',
      args,
      host,
      async (add) => {
        for (const target of targets) {
          minutes++;
          add(target, 2);
        }
      },
      total,
    );
    return text().split('\r\x1b[K').filter(Boolean).at(-1);
  };

  it('counts the accounts of one Region apart, and names them', async () => {
    expect(await shown([HERE, THERE])).toBe('listed 111122223333 eu-west-1: 2, 444455556666 eu-west-1: 2, 0.033/s');
  });

  it('names no account where there is only one', async () => {
    expect(await shown([HERE, { ...HERE, region: 'eu-west-2' }])).toContain('listed eu-west-1: 2, eu-west-2: 2');
  });

  it('says how long the rest takes where it is known how much there is to do', async () => {
    expect(await shown([HERE, HERE], 10)).toBe('listed eu-west-1: 4 of 10, 0.033/s, 3 min left');
    expect(await shown([HERE, THERE], 1_000)).toContain('listed 4 of 1,000 (111122223333 eu-west-1: 2, ');
    expect(await shown([HERE, THERE], 1_000)).toContain(', 0.033/s, 8 h 18 min left');
    expect(await shown([HERE, THERE], 4)).not.toContain('left');
  });

  it('has as many whole parts as the line has room for', async () => {
    const whole = 'listed 111122223333 eu-west-1: 2, 444455556666 eu-west-1: 2, 0.033/s';

    expect(await shown([HERE, THERE], null, whole.length)).toBe(whole);
    expect(await shown([HERE, THERE], null, whole.length - 1)).toBe(whole.replace(', 0.033/s', '…'));
    expect(await shown([HERE, THERE], null, 50)).toBe('listed 111122223333 eu-west-1: 2…');
    expect(await shown([HERE, THERE], null, 10)).toBe('listed 11…');
  });

  it('names as many targets as a line has room for', async () => {
    const targets = ['a', 'b', 'c', 'd'].map((region) => ({ ...HERE, region }));

    expect(await shown(targets)).toBe('listed 8 in 4 targets, 0.033/s');
  });
});

describe('a question', () => {
  it('names each account and its Regions once, and accounts with the same Regions together', () => {
    const regions = ['eu-west-1', 'eu-west-2', 'eu-west-1'].map((region) => ({ ...HERE, region }));

    expect(placeOf(regions)).toBe('in account 111122223333, eu-west-1 and eu-west-2');
    expect(placeOf([THERE, HERE, { ...HERE, account: '777788889999', region: 'us-east-1' }])).toBe(
      'in accounts 111122223333 and 444455556666, eu-west-1; account 777788889999, us-east-1',
    );
    expect(placeOf([{ provider: 'alibaba', account: '', region: 'cn-beijing' }])).toBe('in cn-beijing');
  });
});

describe('changes of several targets', () => {
  const change = (finished: string[]) => async (target: Target) => {
    if (target === HERE) throw new Error('a defect');
    await new Promise((resolve) => setTimeout(resolve, 5));
    finished.push(target.account);
    return target.account;
  };

  it('are completed in the other targets when something is thrown in one, and the user learns how to undo them', async () => {
    const { err, text } = aTerminal();
    const host = { err } as Host;
    const finished: string[] = [];
    const groups: [Target, string[]][] = [HERE, THERE].map((target) => [target, []]);

    await expect(changeTargets(groups, change(finished), host, 'logseal undo --run x')).rejects.toThrow('a defect');

    expect(finished).toEqual(['444455556666']);
    expect(text()).toBe('The run was cut short. To take back what it changed: logseal undo --run x\n');
  });

  it('give their results in order', async () => {
    const { err, text } = aTerminal();
    const host = { err } as Host;

    expect(await changeTargets([[THERE, []]], change([]), host, 'x')).toEqual(['444455556666']);
    expect(text()).toBe('');
  });
});
