/** The time of metrics: real time, but for what tests let pass. */
export interface MetricTime {
  /** ms since the epoch. */
  readonly now: () => number;
  /** What the time of metrics was at a real time. */
  readonly at: (real: number) => number;
  /** Lets milliseconds pass at once. */
  readonly pass: (milliseconds: number) => void;
}

export function createMetricTime(realNow: () => number): MetricTime {
  const jumps: { readonly at: number; readonly by: number }[] = [];
  const at = (real: number) => jumps.reduce((time, jump) => (jump.at <= real ? time + jump.by : time), real);
  return {
    now: () => at(realNow()),
    at,
    pass: (milliseconds) => void jumps.push({ at: realNow(), by: milliseconds }),
  };
}
