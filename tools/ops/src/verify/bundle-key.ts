import { bundleTime, hourPrefix } from '@data-aggregator/shared-processing/archive';

/**
 * The key under which a bundle was published first, from its key or from a path that ends in its file name: bundles
 * that are delivered again, and files on disk, are named after it.
 *
 * @returns undefined for what is not named like a bundle
 */
export function bundleKeyOf(path: string): string | undefined {
  const name = path.split(/[/\\]/).at(-1) ?? '';
  const time = bundleTime(`/${name}`);
  return time === undefined ? undefined : `${hourPrefix(time)}${name}`;
}
