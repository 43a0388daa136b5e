import { sqsEvent } from '../notify.ts';
import { type BenchFile, files, KB, MB } from '../content.ts';
import { startMeasured } from '../process/measured.ts';
import { median } from '../report/figures.ts';
import { assertDone } from './batches.ts';
import type { Bench, Subject } from './workload.ts';

/** Cost and result of one encoding. */
export interface EncodingPoint {
  format: 'tar.gz' | 'tar.zst';
  level: number;
  /** Per content: the function's CPU time in ms, and the bundle's size in bytes. */
  contents: { title: string; cpuMs: number; bytes: number }[];
}

const ENCODINGS = [
  ...[1, 3, 5, 6, 9].map((level) => ({ format: 'tar.gz', level }) as const),
  ...[1, 3, 6, 9].map((level) => ({ format: 'tar.zst', level }) as const),
];
/** Without repetition: zstd would find repeated content even megabytes later. */
const CONTENTS: { title: string; batch: BenchFile[] }[] = [
  { title: '1,000 × 5 KB JSON', batch: files(1000, 5 * KB, 'json') },
  { title: '4 × 1 MB text', batch: files(4, MB, 'text') },
];
const RUNS = 5;
const behaviour = { firstByteMs: 0 };

/** Measures gzip and zstd at several levels over the same files. */
export async function measureEncodings(subject: Subject, { standIn }: Bench): Promise<EncodingPoint[]> {
  const points: EncodingPoint[] = [];
  for (const { format, level } of ENCODINGS) {
    const measured = await startMeasured({
      code: subject.artifact,
      endpoint: standIn.endpoint,
      environment: { BUNDLE_FORMAT: format, COMPRESSION_LEVEL: String(level) },
    });
    try {
      await measured.invoke(sqsEvent(files(100, 5 * KB, 'json')));
      const contents: EncodingPoint['contents'] = [];
      for (const { title, batch } of CONTENTS) {
        const cpuMs: number[] = [];
        let bytes = 0;
        for (let run = 0; run < RUNS; run++) {
          await standIn.behave(behaviour);
          const invocation = await measured.invoke(sqsEvent(batch));
          const tally = await standIn.tally();
          assertDone(invocation, tally, batch, behaviour);
          cpuMs.push(invocation.cpuMs);
          bytes = tally.bundleBytes;
        }
        contents.push({ title, cpuMs: median(cpuMs), bytes });
      }
      points.push({ format, level, contents });
    } finally {
      await measured.stop();
    }
  }
  return points;
}
