import * as v from 'valibot';
import { bundleFormats, type Checksums, type Manifest, type ManifestMember } from './types.ts';

const text = v.pipe(v.string(), v.nonEmpty());
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hex digits'));
const crc64nvme = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, 'a CRC-64/NVME is 16 lower-case hex digits'));
const checksums = { sha256: v.exactOptional(sha256), crc64nvme: v.exactOptional(crc64nvme) };
const NO_CHECKSUM = 'a SHA-256 or a CRC-64/NVME is missing';

/** Whether there is at least one checksum, which is what the type says. */
function hasChecksum<T extends { sha256?: string; crc64nvme?: string }>(value: T): value is T & Checksums {
  return value.sha256 !== undefined || value.crc64nvme !== undefined;
}

/** ISO 8601 in the text, for people; milliseconds in the program. */
const time = v.pipe(v.string(), v.isoTimestamp(), v.transform(Date.parse), v.number());

const member = v.pipe(
  v.object({
    bucket: text,
    key: text,
    /** Exactly one of the two: the sequencer if the bucket kept no versions. */
    versionId: v.optional(text),
    sequencer: v.optional(text),
    etag: text,
    name: text,
    size,
    ...checksums,
    verifiedBy: v.exactOptional(text),
    lastModified: time,
    landedAt: time,
  }),
  v.rawTransform(({ dataset, addIssue, NEVER }): ManifestMember => {
    const { versionId, sequencer, ...rest } = dataset.value;
    if (!hasChecksum(rest)) {
      addIssue({ message: NO_CHECKSUM });
      return NEVER;
    }
    if (versionId !== undefined) return { ...rest, version: { kind: 'id', versionId } };
    if (sequencer !== undefined) {
      return { ...rest, version: { kind: 'sequencer', sequencer, etag: rest.etag } };
    }
    addIssue({ message: 'a member has a versionId or a sequencer' });
    return NEVER;
  }),
);

/** The text of a manifest, version 1. Fields may be added: unknown ones are ignored. */
export const manifestSchema = v.pipe(
  v.object({
    schemaVersion: v.literal(1),
    bundle: v.pipe(
      v.object({
        bucket: text,
        key: text,
        size,
        ...checksums,
        format: v.picklist(bundleFormats),
        createdAt: time,
        group: v.exactOptional(text),
      }),
      v.rawTransform(({ dataset, addIssue, NEVER }) => {
        if (hasChecksum(dataset.value)) return dataset.value;
        addIssue({ message: NO_CHECKSUM });
        return NEVER;
      }),
    ),
    members: v.pipe(v.array(member), v.minLength(1, 'no bundle is empty')),
  }),
  v.transform(({ bundle, members }): Manifest => ({ bundle, members })),
);

/** A manifest before parsing. */
export type ManifestText = v.InferInput<typeof manifestSchema>;
