import { type Codec, gzip, zstd } from './bundle/index.ts';
import type { PlannedBundle } from './plan.ts';
import type { Settings } from './settings.ts';

/**
 * The level at which a large member is compressed at most. Its bundle is whole within one invocation or not at all,
 * whatever it holds; and of letters drawn from four, as in DNA, zlib takes 5 MB a second at level 6 and 30 MB at level
 * 3, on a whole processor, of which a function of 512 MB has less than a third. A packed bundle is closed when time
 * runs out.
 */
const MOST_FOR_SINGLES = 3;

/** How a bundle is encoded. */
export function codecFor(
  kind: PlannedBundle['kind'],
  { BUNDLE_FORMAT, COMPRESSION_LEVEL }: Pick<Settings, 'BUNDLE_FORMAT' | 'COMPRESSION_LEVEL'>,
): Codec {
  const level = kind === 'single' ? Math.min(COMPRESSION_LEVEL, MOST_FOR_SINGLES) : COMPRESSION_LEVEL;
  return BUNDLE_FORMAT === 'tar.gz' ? gzip({ level }) : zstd({ level });
}
