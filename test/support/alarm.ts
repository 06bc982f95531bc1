/** What the properties of an alarm in template.yaml say of when it rings, as far as logseal's own alarms need it. */
export interface AlarmProperties {
  readonly MetricName: string;
  readonly Statistic: 'Sum' | 'Maximum';
  readonly Period: number;
  readonly EvaluationPeriods: number | string;
  /** How many of them must breach; without it, all. */
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: 'GreaterThanThreshold' | 'LessThanThreshold';
  readonly TreatMissingData: 'notBreaching' | 'ignore' | 'breaching';
}

/** A document in the embedded metric format, which a function logs. */
export type MetricLine = Readonly<Record<string, unknown>> & { readonly _aws: { readonly Timestamp: number } };

/**
 * Computes when an alarm rings, as CloudWatch does: after each period it compares the last periods, of which all or DatapointsToAlarm must breach.
 * Nothing here makes CloudWatch's alarms change by what a function logs.
 * @returns the end of the first period after which it rings, in milliseconds since 1970; null: it does not
 */
export function ringsAtMs(
  alarm: AlarmProperties,
  lines: readonly MetricLine[],
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): number | null {
  const periodMs = alarm.Period * 1000;
  const points = lines.flatMap((line): [atMs: number, value: number][] => {
    const value = line[alarm.MetricName];
    return typeof value === 'number' ? [[line._aws.Timestamp, value]] : [];
  });
  const breaches = (startMs: number): boolean => {
    const values = points.filter(([atMs]) => atMs >= startMs && atMs < startMs + periodMs).map(([, value]) => value);
    if (values.length === 0) return alarm.TreatMissingData === 'breaching';
    const value = alarm.Statistic === 'Sum' ? values.reduce((sum, each) => sum + each, 0) : Math.max(...values);
    return alarm.ComparisonOperator === 'GreaterThanThreshold' ? value > alarm.Threshold : value < alarm.Threshold;
  };
  const evaluated = Number(alarm.EvaluationPeriods);
  const latest: boolean[] = [];
  for (let startMs = Math.floor(fromMs / periodMs) * periodMs; startMs + periodMs <= untilMs; startMs += periodMs) {
    latest.push(breaches(startMs));
    const breaching = latest.slice(-evaluated).filter(Boolean).length;
    if (breaching >= (alarm.DatapointsToAlarm ?? evaluated)) return startMs + periodMs;
  }
  return null;
}
