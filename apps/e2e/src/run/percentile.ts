/**
 * The nearest-rank percentile; undefined for an empty list.
 *
 * @param percent above 0, at most 100
 */
export function percentile(values: readonly number[], percent: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  // Rounded: 99.9 % of 2,000 is slightly more than 1,998 in floating point.
  const rank = Math.ceil(Number(((percent * sorted.length) / 100).toFixed(6)));
  return sorted[rank - 1];
}
