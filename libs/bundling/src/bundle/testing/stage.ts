import type { Readable } from 'node:stream';
import { createStaging, createStagingMemory, type PartSink, type Staging } from '../staging.ts';
import type { FinishedBundle } from '../writer.ts';

/** A staging whose bundle must fit in memory. */
export function wholeStaging(bytes: number): Staging {
  const parts: PartSink = {
    put: (number) => Promise.reject(new Error(`part ${number} of a bundle that should be whole`)),
    stop: () => undefined,
  };
  return createStaging({ memory: createStagingMemory(bytes), partBytes: Math.floor(bytes / 2), parts });
}

/** A staging that passes on the parts of a bundle that does not fit. */
export function partedStaging(bytes: number, onPart: (number: number, part: Uint8Array) => void): Staging {
  const parts: PartSink = {
    async put(number, part) {
      onPart(number, part);
      return { number, etag: '', size: part.length, crc64nvme: '' };
    },
    stop: () => undefined,
  };
  return createStaging({ memory: createStagingMemory(bytes), partBytes: Math.floor(bytes / 4), parts });
}

/** The bytes of a bundle that is whole in memory. */
export function openWhole({ staged }: FinishedBundle): Readable {
  if (staged.kind !== 'whole') throw new Error('the bundle was sent in parts');
  return staged.open();
}
