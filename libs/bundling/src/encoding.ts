import type { BundleFormat } from '@data-aggregator/shared-processing/manifest';
import { type Codec, gzip, zstd } from './bundle/index.ts';
import type { PlannedBundle } from './plan.ts';

/**
 * The highest compression level for a bundle with one large member. It must finish within one invocation, whatever the member
 * contains: on text over four letters, such as DNA, zlib compresses 5 MB/s at level 6 and 30 MB/s at level 3 on a full CPU, and a
 * function with 512 MB has less than a third of one. A packed bundle is closed when time runs out, so it needs no such limit.
 */
const MAX_SINGLE_LEVEL = 3;

/** The codec for a bundle. @param options.level 1 to 9 */
export function codecFor(
  kind: PlannedBundle['kind'],
  { format, level: wanted }: { format: BundleFormat; level: number },
): Codec {
  const level = kind === 'single' ? Math.min(wanted, MAX_SINGLE_LEVEL) : wanted;
  return format === 'tar.gz' ? gzip({ level }) : zstd({ level });
}
