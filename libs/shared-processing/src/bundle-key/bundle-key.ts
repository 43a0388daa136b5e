import { isGroupName } from '../groups/index.ts';

/*
 * The keys of bundles. CHANGELOG.md lists all forms; every form can be parsed.
 *
 *     bundles/2026/11/22/09/bundle-20261122T090807Z-0123456789abcdef.tar.gz
 *     └─────┘ └───────────┘ └────┘ └──────────────┘ └──────────────┘ └────┘
 *     prefix  hour, UTC            start, UTC       64 random bits   format
 *
 *     bundles/2026/11/22/09/20261122T090807Z-0123456789abcdef.tar.gz             previous form
 *     replays/<request id>/bundles/2026/11/22/09/…                               delivered again
 *
 * With BUNDLE_GROUP_BY, the group is a folder, which permissions can be limited to, and part of the file name, which a downloaded file keeps:
 *
 *     bundles/acme/2026/11/22/09/bundle-20261122T090807Z-0123456789abcdef.acme.tar.gz
 *             └──┘                                                        └──┘
 *     replays/_groups/acme/<request id>/bundles/acme/2026/11/22/09/…             delivered again; no request id begins with `_`
 */

/** Prefix of bundles in the distribution bucket. S3 replicates the objects below it to the archive. */
export const BUNDLE_PREFIX = 'bundles/';

/** Prefix of replayed bundles. S3 does not replicate them, because the archive has them already. */
export const REPLAY_PREFIX = 'replays/';

const REPLAYED_GROUPS_PREFIX = `${REPLAY_PREFIX}_groups/`;

const FILE_PREFIX = 'bundle-';
/** The random part contains no dot. */
const GROUP = /^(?:bundle-)?\d{8}T\d{6}Z-[^.]+\.(.+)\.tar(?:\.\w+)?$/;
const FILE = /^(?:bundle-)?(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z-/;
const FORMATS = /\.tar(\.(gz|zst))?$/;

/**
 * Creates a bundle's key. It contains the hour for people, and is random because no two attempts may share a key.
 *
 * @param now ms since the epoch
 * @param random 16 hexadecimal digits
 * @param extension such as `.tar.gz`
 * @param group name of the group; undefined if bundles are not divided into groups
 */
export function bundleKey(now: number, random: string, extension: string, group?: string): string {
  const moment = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const ending = group === undefined ? extension : `.${group}${extension}`;
  return `${hourFilePrefix(now, group)}${moment}Z-${random}${ending}`;
}

/** The prefix of a group's bundles: `bundles/acme/`. Without a group: of all bundles, `bundles/`. @param group its name */
export function groupPrefix(group: string | undefined): string {
  return group === undefined ? BUNDLE_PREFIX : `${BUNDLE_PREFIX}${group}/`;
}

/** The prefixes of the keys that the consumer of one group may download and delete: new and replayed bundles. */
export function consumedPrefixes(group: string): string[] {
  return [groupPrefix(group), `${REPLAYED_GROUPS_PREFIX}${group}/`];
}

/** The prefix of all bundles of a group started in the hour of a moment, such as `bundles/2026/11/22/09/`. */
export function hourPrefix(moment: number, group?: string): string {
  const [date = '', time = ''] = new Date(moment).toISOString().split('T');
  return `${groupPrefix(group)}${date.replaceAll('-', '/')}/${time.slice(0, 2)}/`;
}

/** The prefix of keys of the current form in that hour. Keys of the previous form sort before all of them. */
export function hourFilePrefix(moment: number, group?: string): string {
  return `${hourPrefix(moment, group)}${FILE_PREFIX}`;
}

/** The name of a bundle's group, from the file name at the end of its key or path; undefined if it has none. */
export function groupOfBundle(key: string): string | undefined {
  const group = GROUP.exec(fileName(key))?.[1];
  return group !== undefined && isGroupName(group) ? group : undefined;
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
  const group = groupOfBundle(bundle);
  const prefix = group === undefined ? REPLAY_PREFIX : `${REPLAYED_GROUPS_PREFIX}${group}/`;
  return `${prefix}${requestId}/${bundle}`;
}

/**
 * The key of the bundle that a replay is a copy of, whose manifest applies to both; the same key if it is no replay.
 *
 * @param key in the distribution bucket, as `replayKey` makes it
 */
export function originalKey(key: string): string {
  return /^replays\/(?:_groups\/[^/]+\/)?[^/]+\/(bundles\/.+)$/.exec(key)?.[1] ?? key;
}

/**
 * The original key of a bundle, from the key of a replay or the path of a file: both end in the bundle's file name.
 *
 * @returns undefined if the file is not named like a bundle
 */
export function bundleKeyOf(path: string): string | undefined {
  const time = bundleTime(path);
  return time === undefined ? undefined : `${hourPrefix(time, groupOfBundle(path))}${fileName(path)}`;
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
