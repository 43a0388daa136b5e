/*
 * Numbers, sizes and times as the page shows them. Times are shown in the browser's time zone, with the zone in the tooltip.
 */

const NUMBER = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DATE_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const DAY = 86_400_000;

/** What stands where there is no value. */
export const NONE = '–';

/** A whole number with separators: `12,345`. */
export function count(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? NONE : NUMBER.format(value);
}

/** A count with its noun: `1 bundle`, `12 bundles`. */
export function counted(value: number, singular: string, plural = `${singular}s`): string {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

/** Two or three significant digits, for rates: `0.25`, `3.4`, `120`. */
export function figure(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return NONE;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 100) return NUMBER.format(value);
  if (size >= 10) return value.toFixed(1).replace(/\.0$/, '');
  return size >= 0.01 ? value.toFixed(2).replace(/\.?0+$/, '') : '< 0.01';
}

/** Bytes in binary units: `1.5 MiB`. */
export function bytes(value: number | undefined): string {
  if (value === undefined) return NONE;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const level = value < 1 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), units.length - 1);
  const scaled = value / 1024 ** level;
  const digits = level === 0 || scaled >= 100 ? 0 : 1;
  return `${scaled.toFixed(digits)} ${units[level] ?? ''}`;
}

/** A duration given in milliseconds, in its two largest units: `340 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return NONE;
  if (ms < 0.5) return '0 s';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1).replace(/\.0$/, '')} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  if (ms < DAY) return pair(Math.floor(seconds / 3_600), 'h', Math.floor((seconds % 3_600) / 60), 'min');
  return pair(Math.floor(ms / DAY), 'd', Math.floor((ms % DAY) / 3_600_000), 'h');
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** The time of day of an instant (milliseconds since 1970), with the date if it is not today's. */
export function instant(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return (isToday ? TIME : DATE_TIME).format(at);
}

/** `12 s ago`, or `in 3 min` for a time ahead. */
export function relative(at: number, now: number): string {
  const ago = now - at;
  if (Math.abs(ago) < 1_000) return 'now';
  return ago > 0 ? `${duration(ago)} ago` : `in ${duration(-ago)}`;
}

/** The age of something in a list, in its largest unit: `12 s ago`, `3 min ago`. */
export function age(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h ago` : `${Math.floor(seconds / 86_400)} d ago`;
}

/** US dollars: `$1,234.50`, and four digits for what is less than a cent. */
export function usd(value: number): string {
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 4 : 2;
  return value.toLocaleString('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
