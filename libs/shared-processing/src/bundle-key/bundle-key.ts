/*
 * The keys of bundles. CHANGELOG.md lists all forms; every form can be parsed.
 *
 *     bundles/2026/11/22/09/bundle-20261122T090807Z-0123456789abcdef.tar.gz
 *     └─────┘ └───────────┘ └────┘ └──────────────┘ └──────────────┘ └────┘
 *     prefix  hour, UTC            start, UTC       64 random bits   format
 *
 *     bundles/2026/11/22/09/20261122T090807Z-0123456789abcdef.tar.gz             previous form
 *     replays/<request id>/bundles/2026/11/22/09/…                               delivered again
 */

/** Prefix of bundles in the distribution bucket. S3 replicates the objects below it to the archive. */
export const BUNDLE_PREFIX = 'bundles/';

/** Prefix of replayed bundles. S3 does not replicate them, because the archive has them already. */
export const REPLAY_PREFIX = 'replays/';

const FILE_PREFIX = 'bundle-';
const FILE = /^(?:bundle-)?(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-/;
const FORMATS = /\.tar(\.(gz|zst))?$/;

/**
 * Creates a bundle's key. It contains the hour for people, and is random because no two attempts may share a key.
 *
 * @param now ms since the epoch
 * @param random 16 hexadecimal digits
 * @param extension such as `.tar.gz`
 */
export function bundleKey(now: number, random: string, extension: string): string {
  const moment = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return `${hourFilePrefix(now)}${moment}Z-${random}${extension}`;
}

/** The prefix of all bundles started in the hour of a moment, such as `bundles/2026/11/22/09/`. */
export function hourPrefix(moment: number): string {
  const [date = '', time = ''] = new Date(moment).toISOString().split('T');
  return `${BUNDLE_PREFIX}${date.replaceAll('-', '/')}/${time.slice(0, 2)}/`;
}

/** The prefix of keys of the current form in that hour. Keys of the previous form sort before all of them. */
export function hourFilePrefix(moment: number): string {
  return `${hourPrefix(moment)}${FILE_PREFIX}`;
}

/**
 * When a bundle was started, from the file name at the end of its key or path.
 *
 * @returns ms since the epoch, whole seconds; undefined if the name contains no time
 */
export function bundleTime(key: string): number | undefined {
  const parts = FILE.exec(fileName(key))?.slice(1);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/** The key under which a bundle is replayed. @param bundle its original key */
export function replayKey(requestId: string, bundle: string): string {
  return `${REPLAY_PREFIX}${requestId}/${bundle}`;
}

/**
 * The original key of a bundle, from the key of a replay or the path of a file: both end in the bundle's file name.
 *
 * @returns undefined if the file is not named like a bundle
 */
export function bundleKeyOf(path: string): string | undefined {
  const time = bundleTime(path);
  return time === undefined ? undefined : `${hourPrefix(time)}${fileName(path)}`;
}

/** Whether a file has the extension of a bundle. */
export function isBundleFile(path: string): boolean {
  return FORMATS.test(path);
}

/** Whether the consumer may download and delete a key of the distribution bucket. */
export function isConsumedKey(key: string): boolean {
  return key.startsWith(BUNDLE_PREFIX) || key.startsWith(REPLAY_PREFIX);
}

function fileName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? '';
}
