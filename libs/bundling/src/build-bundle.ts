import { joinCrc64 } from '@data-aggregator/shared-processing/checksum';
import { build, type Built } from './build.ts';
import type { BundleWriter, FinishedBundle, PartSink } from './bundle/index.ts';
import { copyBundle, type CopyDependencies } from './copy-bundle.ts';
import type { PartUpload } from './part-upload.ts';
import type { PlannedBundle } from './plan.ts';
import type { BuiltBundle } from './publish.ts';
import type { TimeBudget } from './time-budget.ts';

/** A bundle whose members pass through the function. */
export type StreamedBundle = Exclude<PlannedBundle, { kind: 'copy' }>;

/** Where a bundle will be. */
export interface Target {
  bucket: string;
  key: string;
  contentType: string;
}

export interface BuildBundleDependencies extends CopyDependencies {
  /** @param parts takes the bundle's parts if it does not fit in memory */
  newWriter: (planned: StreamedBundle, parts: PartSink) => BundleWriter;
}

/** Builds one bundle. */
export interface Builder {
  /** `bundle`: undefined if it would have no members. `tarSize`: bytes before compression. @throws UploadError, SystemFault */
  build(): Promise<Built & { bundle: BuiltBundle | undefined; tarSize: number }>;
  /** Releases the memory. Only once the bundle is published, or will not be. */
  discard(): Promise<void>;
}

export function createBuilder(
  planned: PlannedBundle,
  target: Target,
  upload: PartUpload,
  budget: TimeBudget,
  dependencies: BuildBundleDependencies,
): Builder {
  if (planned.kind === 'copy') {
    return {
      build: () => copyBundle(planned.member, target, upload, budget, dependencies),
      discard: async () => undefined,
    };
  }
  const writer = dependencies.newWriter(planned, upload);
  return {
    async build() {
      const { finished, ...built } = await build(planned, writer, budget, dependencies);
      if (!finished) return { ...built, bundle: undefined, tarSize: 0 };
      const bundle = await bundleOf(finished, target, built.members.length, upload);
      return { ...built, bundle, tarSize: finished.tarSize };
    },
    discard: () => writer.discard(),
  };
}

async function bundleOf(
  { size, sha256, staged }: FinishedBundle,
  { bucket, key, contentType }: Target,
  members: number,
  upload: PartUpload,
): Promise<BuiltBundle> {
  if (staged.kind === 'whole') {
    const { open } = staged;
    const metadata = { sha256, members: String(members) };
    // No Content-Encoding: a bundle is a file, and clients must not unpack it in transit.
    return { kind: 'whole', object: { bucket, key, size, sha256, open, contentType, metadata } };
  }
  const begun = await upload.begun();
  if (!begun) throw new Error(`${key} has parts, but no upload`);
  const { parts } = staged;
  const { crc64nvme } = joinCrc64(parts);
  return { kind: 'parts', object: { bucket, key, size, sha256, crc64nvme }, upload: begun, parts };
}
