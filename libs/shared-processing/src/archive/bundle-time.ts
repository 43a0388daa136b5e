/** From a moment to another, the second not included; ms since the epoch. */
export interface TimeRange {
  from: number;
  to: number;
}

const MOMENT = /\/(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-[^/]*$/;

/**
 * When a bundle was begun, as its key tells: `bundles/2026/11/22/09/20261122T090807Z-….tar.gz`.
 *
 * @returns ms since the epoch; undefined for a key that tells no time
 */
export function bundleTime(key: string): number | undefined {
  const parts = MOMENT.exec(key)?.slice(1);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** What the keys of bundles begin with that were begun in the hour of a moment, such as `bundles/2026/11/22/09/`. */
export function hourPrefix(moment: number): string {
  const [date = '', time = ''] = new Date(moment).toISOString().split('T');
  return `bundles/${date.replaceAll('-', '/')}/${time.slice(0, 2)}/`;
}
