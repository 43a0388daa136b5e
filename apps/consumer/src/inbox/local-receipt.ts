import * as v from 'valibot';
import { type Receipt, receiptLayouts, serializeReceipt } from '@data-aggregator/shared-processing/receipt';

/** A file of a bundle on disk. */
export interface PlacedFile {
  /** Path in the bundle. */
  name: string;
  /** Path in the target, with `/`. */
  path: string;
  size: number;
  sha256?: string | undefined;
  crc64nvme?: string | undefined;
  /** The original object. */
  key: string;
  versionId?: string | undefined;
}

/**
 * What the consumer keeps about a bundle. Until the files are in place it is the plan: it says where each file goes. Then the same text
 * becomes the receipt.
 */
export interface LocalReceipt {
  bundle: {
    key: string;
    versionId?: string | undefined;
    size: number;
    sha256?: string | undefined;
    crc64nvme?: string | undefined;
  };
  consumer: string;
  layout: Receipt['layout'];
  /** Folder of the bundle in the target; empty in a tree. */
  folder: string;
  firstLandedAt: number;
  lastLandedAt: number;
  /** ms since the epoch. */
  startedAt: number;
  /** When every file was complete and synced; ms since the epoch. */
  finishedAt: number;
  files: PlacedFile[];
}

const optionalText = v.optional(v.string());
const schema = v.object({
  schemaVersion: v.literal(1),
  bundle: v.object({
    key: v.string(),
    versionId: optionalText,
    size: v.number(),
    sha256: optionalText,
    crc64nvme: optionalText,
  }),
  consumer: v.string(),
  layout: v.picklist(receiptLayouts),
  folder: v.string(),
  firstLandedAt: v.number(),
  lastLandedAt: v.number(),
  startedAt: v.number(),
  finishedAt: v.number(),
  files: v.array(
    v.object({
      name: v.string(),
      path: v.string(),
      size: v.number(),
      sha256: optionalText,
      crc64nvme: optionalText,
      key: v.string(),
      versionId: optionalText,
    }),
  ),
});

/** A receipt or plan that was changed since it was written. */
export class DamagedReceipt extends Error {
  override readonly name = 'DamagedReceipt';
}

/** One line for each file. */
export function serializeLocalReceipt({ files, ...rest }: LocalReceipt): string {
  const head = JSON.stringify({ schemaVersion: 1, ...rest }, undefined, 2).replace(/\n}$/, '');
  return `${head},\n  "files": [\n${files.map((file) => `    ${JSON.stringify(file)}`).join(',\n')}\n  ]\n}\n`;
}

/** @param where path of the file, for messages @throws DamagedReceipt */
export function parseLocalReceipt(text: string, where: string): LocalReceipt {
  try {
    const { schemaVersion: _, ...receipt } = v.parse(schema, JSON.parse(text));
    return receipt;
  } catch (cause) {
    throw new DamagedReceipt(`${where} is not a receipt`, { cause });
  }
}

/** The receipt for the archive: the same statement without the list of files, which is in the manifest. */
export function archiveReceipt(local: LocalReceipt): string {
  const { key, versionId, size, sha256, crc64nvme } = local.bundle;
  const { consumer, layout, firstLandedAt, lastLandedAt, startedAt, finishedAt } = local;
  return serializeReceipt({
    bundle: {
      key,
      ...(versionId !== undefined && { versionId }),
      size,
      ...(sha256 !== undefined && { sha256 }),
      ...(crc64nvme !== undefined && { crc64nvme }),
    },
    ...{ consumer, layout, members: local.files.length, firstLandedAt, lastLandedAt, startedAt, finishedAt },
  });
}
