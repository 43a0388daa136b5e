/*
 * The keys of bundles. CHANGELOG.md lists every form they have had; keys of each form are read.
 *
 *     bundles/2026/11/22/09/bundle-20261122T090807Z-0123456789abcdef.tar.gz
 *     └─────┘ └───────────┘ └────┘ └──────────────┘ └──────────────┘ └────┘
 *     prefix  hour, UTC            begun, UTC       64 random bits   format
 *
 *     bundles/2026/11/22/09/20261122T090807Z-0123456789abcdef.tar.gz             before
 *     replays/<request id>/bundles/2026/11/22/09/…                               delivered again
 */

/** Prefix of bundles in the distribution bucket. S3 replicates to the archive what is below it. */
export const BUNDLE_PREFIX = 'bundles/';

/** Prefix of bundles that are delivered again. S3 does not replicate them: the archive has them already. */
export const REPLAY_PREFIX = 'replays/';

const FILE_PREFIX = 'bundle-';
const FILE = /^(?:bundle-)?(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-/;
const FORMATS = /\.tar\.(gz|zst)$/;

/**
 * A key for a bundle: by the hour for people, random for the ledger, which needs that no two attempts ever share one.
 *
 * @param now ms since the epoch
 * @param random 16 hexadecimal digits
 * @param extension such as `.tar.gz`
 */
export function bundleKey(now: number, random: string, extension: string): string {
  const moment = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return `${hourFilePrefix(now)}${moment}Z-${random}${extension}`;
}

/** Keys of bundles that were begun in the hour of a moment begin with this, such as `bundles/2026/11/22/09/`. */
export function hourPrefix(moment: number): string {
  const [date = '', time = ''] = new Date(moment).toISOString().split('T');
  return `${BUNDLE_PREFIX}${date.replaceAll('-', '/')}/${time.slice(0, 2)}/`;
}

/** Of those, keys of the present form begin with this; keys of the form before sort before all of them. */
export function hourFilePrefix(moment: number): string {
  return `${hourPrefix(moment)}${FILE_PREFIX}`;
}

/**
 * When a bundle was begun, from the file name that its key or path ends in.
 *
 * @returns ms since the epoch, whole seconds; undefined for a name that tells no time
 */
export function bundleTime(key: string): number | undefined {
  const parts = FILE.exec(fileName(key))?.slice(1);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** The key under which a bundle is delivered again. @param bundle its first key */
export function replayKey(requestId: string, bundle: string): string {
  return `${REPLAY_PREFIX}${requestId}/${bundle}`;
}

/**
 * The key under which a bundle was published first, from its key or from a path that ends in its file name: bundles
 * that are delivered again, and files on disk, are named after it.
 *
 * @returns undefined for what is not named like a bundle
 */
export function bundleKeyOf(path: string): string | undefined {
  const time = bundleTime(path);
  return time === undefined ? undefined : `${hourPrefix(time)}${fileName(path)}`;
}

/** Whether a file is named like a bundle, by its extension. */
export function isBundleFile(path: string): boolean {
  return FORMATS.test(path);
}

/** Whether a key of the distribution bucket is one that the consumer may take. */
export function isConsumedKey(key: string): boolean {
  return key.startsWith(BUNDLE_PREFIX) || key.startsWith(REPLAY_PREFIX);
}

function fileName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? '';
}
