/**
 * The smallest of the values that so many per cent of them do not exceed (nearest rank); undefined of none.
 *
 * @param percent above 0, at most 100
 */
export function percentile(values: readonly number[], percent: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  // Rounded, since 99.9 % of 2,000 is a little more than 1,998 to a computer.
  const rank = Math.ceil(Number(((percent * sorted.length) / 100).toFixed(6)));
  return sorted[rank - 1];
}
