import { describe, expect, it } from 'vitest';
import {
  baselinePeriod,
  canaryCandidates,
  evaluateWatched,
  isTooEarly,
  receivingRate,
  watchPeriod,
} from '../../lib/domain/canary.ts';
import { aKeyArn, aLogGroup, aReason, aStep } from '../support/builders.ts';

const MINUTE_MS = 60_000;
/** The time of a day, `12:00:30`, in milliseconds. */
const at = (time: string) => Date.parse(`2026-01-01T${time.length === 5 ? `${time}:00` : time}Z`);
/** So many events in each minute from one on until before another. */
function events(from: string, to: string, each = 1): Map<number, number> {
  const minutes = (at(to) - at(from)) / MINUTE_MS;
  return new Map(Array.from({ length: minutes }, (_, index) => [at(from) + index * MINUTE_MS, each]));
}

describe('the baseline', () => {
  it('is the hour of complete minutes before, read one minute late', () => {
    expect(baselinePeriod(at('12:00:59'))).toEqual({ fromMs: at('10:59'), toMs: at('11:59') });
    expect(baselinePeriod(at('12:01'))).toEqual({ fromMs: at('11:00'), toMs: at('12:00') });
  });

  it.each([
    ['all of the last ten minutes', events('11:50', '12:00'), 10 / 60],
    ['six of them', events('11:54', '12:00'), 6 / 60],
    ['the whole hour', events('11:00', '12:00', 30), 30],
    ['half of them', events('11:55', '12:00'), null],
    ['the time before them alone', events('11:00', '11:50'), null],
    ['minutes that are not complete yet', events('12:00', '12:10'), null],
    ['no minute', new Map(), null],
  ])('with events in %s', (_, found, expected) => {
    expect(receivingRate(found, at('12:01'))).toBe(expected);
  });

  it('takes a count of zero for no events, and leaves out what came before the hour', () => {
    expect(receivingRate(events('11:50', '12:00', 0), at('12:01'))).toBeNull();
    expect(receivingRate(events('10:00', '12:00', 60), at('12:01'))).toBe(60);
  });
});

describe('the canary', () => {
  const arn = (name: string) => aLogGroup(name).arn;

  it('is chosen among the log stores to seal that are receiving logs, in the order of the plan', () => {
    const refused = aStep({ name: '/b', action: 'NONE', refusal: aReason() });
    const steps = [
      aStep({ name: '/z' }),
      refused,
      aStep({ name: '/quiet' }),
      aStep({ name: '/a' }),
      aStep({ name: '/c' }),
    ];
    const rates = new Map(['/a', '/b', '/c', '/z'].map((name, index) => [arn(name), index]));

    expect(canaryCandidates(steps, rates)).toEqual([
      { store: aLogGroup('/z'), eventsPerMinute: 3, toKeyArn: aKeyArn() },
      { store: aLogGroup('/a'), eventsPerMinute: 0, toKeyArn: aKeyArn() },
      { store: aLogGroup('/c'), eventsPerMinute: 2, toKeyArn: aKeyArn() },
    ]);
  });
});

describe('a log store after its change', () => {
  // Changed at 12:00:30, so that 12:06 and 12:07 are the first minutes that begin five minutes later.
  const changedMs = at('12:00:30');

  it.each([
    ['12:08:59', true],
    ['12:09', false],
  ])('at %s is too early to evaluate: %s', (time, expected) => {
    expect(isTooEarly(changedMs, at(time))).toBe(expected);
  });

  it('on the full minute: 12:05 and 12:06 tell', () => {
    expect(isTooEarly(at('12:00'), at('12:07:59'))).toBe(true);
    expect(isTooEarly(at('12:00'), at('12:08'))).toBe(false);
  });

  it('is read from ten minutes before the change until the newest complete minute', () => {
    expect(watchPeriod(changedMs, at('12:09:30'))).toEqual({ fromMs: at('11:50'), toMs: at('12:08') });
  });

  const evaluated = (found: ReadonlyMap<number, number>, newest: string | null = null, now = '12:09') =>
    evaluateWatched({ changedMs, events: found, newestEventMs: newest === null ? null : at(newest) }, at(now));

  it.each([
    ['both minutes', events('11:50', '12:08')],
    ['the first of the two alone', events('11:50', '12:07')],
    ['the second alone', events('12:07', '12:08')],
  ])('keeps receiving logs with events in %s', (_, found) => {
    expect(evaluated(found)).toEqual({ state: 'RECEIVING', isConfirmedByStreams: false });
    expect(evaluated(found, '12:07:10')).toEqual({ state: 'RECEIVING', isConfirmedByStreams: true });
  });

  it('is confirmed by its log streams only with an event since the change took effect', () => {
    expect(evaluated(events('11:50', '12:08'), '12:05:29')).toMatchObject({ isConfirmedByStreams: false });
    expect(evaluated(events('11:50', '12:08'), '12:05:30')).toMatchObject({ isConfirmedByStreams: true });
  });

  it('is silent without events in both minutes, since its last minute with events', () => {
    expect(evaluated(events('11:50', '12:06'))).toEqual({ state: 'SILENT', sinceMs: at('12:06') });
    expect(evaluated(new Map([...events('11:50', '12:03'), ...events('12:03', '12:08', 0)]))).toEqual({
      state: 'SILENT',
      sinceMs: at('12:03'),
    });
  });

  it('is silent since the newest event in its log streams, where these are not behind the metric', () => {
    expect(evaluated(events('11:50', '12:06'), '12:05:20')).toEqual({ state: 'SILENT', sinceMs: at('12:05:20') });
    expect(evaluated(events('11:50', '12:06'), '11:40')).toEqual({ state: 'SILENT', sinceMs: at('12:06') });
  });

  it('is not silent where its log streams tell a newer event than the metric', () => {
    expect(evaluated(events('11:50', '12:03'), '12:06')).toEqual({ state: 'RECEIVING', isConfirmedByStreams: true });
  });

  it('is silent where its log streams tell only a time in the future, and not confirmed by it', () => {
    expect(evaluated(events('11:50', '12:03'), '12:09:01')).toEqual({ state: 'SILENT', sinceMs: at('12:03') });
    expect(evaluated(events('11:50', '12:08'), '14:00')).toEqual({ state: 'RECEIVING', isConfirmedByStreams: false });
  });

  it('does not count a minute that is not complete', () => {
    expect(evaluated(new Map([...events('11:50', '12:05'), [at('12:08'), 1]]))).toMatchObject({ state: 'SILENT' });
  });

  it('is not known where the metric does not even show the minutes before the change', () => {
    expect(evaluated(new Map())).toEqual({ state: 'NO_DATA' });
    expect(evaluated(events('11:50', '12:08', 0), '11:59')).toEqual({ state: 'NO_DATA' });
  });
});
