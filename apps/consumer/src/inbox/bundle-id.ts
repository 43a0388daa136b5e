import { hash } from 'node:crypto';
import { bundleTime } from '@data-aggregator/shared-processing/bundle-key';

/** A key that the pipeline created: 64 of its bits are random, so its file name alone identifies the bundle. */
const PUBLISHED =
  /^bundles\/(?:.*\/)?((?:bundle-)?\d{8}T\d{6}Z-[0-9a-f]{16})(?:\.[^/]+)?\.tar(?:\.gz|\.zst)?$/;
const EXTENSION = /\.tar(?:\.gz|\.zst)?$/;
const MAX_LENGTH = 100;

/** Whether a key ends like that of a bundle. */
export function isBundle(key: string): boolean {
  return EXTENSION.test(key);
}

/**
 * A bundle's name on disk: the file name of its key without the extension. Any other key, such as that of a replay, gets a suffix that
 * depends on the whole key, so that no two keys share a name. It is safe as a file name on every system.
 */
export function bundleId(key: string): string {
  const published = PUBLISHED.exec(key)?.[1];
  if (published !== undefined) return published;
  const file = key.split('/').at(-1) ?? '';
  const name = file
    .replace(EXTENSION, '')
    .replaceAll(/[^A-Za-z0-9-]/g, '_')
    .slice(0, MAX_LENGTH);
  return `${name.replace(/^(?:-|$)/, '_')}-${hash('sha256', key).slice(0, 12)}`;
}

/** The day on which a bundle was started, `2026-11-22` in UTC; `other` if its key does not say. */
export function bundleDay(key: string): string {
  const time = bundleTime(key);
  return time === undefined ? 'other' : new Date(time).toISOString().slice(0, 10);
}
