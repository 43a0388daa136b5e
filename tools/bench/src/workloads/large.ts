import { type BenchFile, files, MB } from '../content.ts';
import type { Floor } from '../handlers/floors.ts';
import { startBatches } from './batches.ts';
import type { Workload } from './workload.ts';

const floorOf = (file: BenchFile): Floor => ({
  floor: file.kind === 'noise' ? 'hash-and-copy' : 'gzip',
  file,
});

function large(
  name: string,
  title: string,
  floor: string,
  times: number,
  batch: readonly BenchFile[],
): Workload {
  return {
    name,
    title,
    figure: 'CPU',
    unit: 'ms',
    floor,
    reach: { times },
    runs: 3,
    start: (subject, bench) =>
      startBatches(
        {
          batches: [[...batch]],
          behaviour: { firstByteMs: 0 },
          floorOf: (all) => all.map(floorOf),
          bareOf: (all) => ({ floor: 'pass-through', files: [...all] }),
        },
        subject,
        bench,
      ),
  };
}

export const text = large(
  'text',
  '10 × 20 MB compressible text',
  'node:zlib at the same level over the same bytes in memory, and SHA-256',
  1.15,
  files(10, 20 * MB, 'text'),
);

export const noise = large(
  'noise',
  '10 × 20 MB incompressible',
  'SHA-256 and one copy of the same bytes in memory',
  1.5,
  files(10, 20 * MB, 'noise'),
);

export const mixed = large(
  'mixed',
  '5 + 5 of these in one bundle',
  'the sum of both',
  1.3,
  files(10, 20 * MB, 'text', 'noise'),
);
