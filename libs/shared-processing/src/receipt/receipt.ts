import * as v from 'valibot';

/** How the consumer lays out files: one folder per bundle, or one tree for all bundles. */
export const receiptLayouts = ['bundle', 'tree'] as const;
export type ReceiptLayout = (typeof receiptLayouts)[number];

/** States that every file of a bundle is on the consumer's disk, complete and synced. The consumer stores it in the archive. */
export interface Receipt {
  bundle: {
    /** Its key in the distribution bucket, which is that of a replay if the bundle was replayed. */
    key: string;
    /** The version that was downloaded, if known. */
    versionId?: string;
    /** Size in bytes, as downloaded. */
    size: number;
    /** SHA-256 of the downloaded bytes, hex. At least one of the two checksums is present. */
    sha256?: string;
    /** CRC-64/NVME of the downloaded bytes, 16 hex digits: for bundles whose manifest has no SHA-256. */
    crc64nvme?: string;
  };
  /** The consumer's name for itself, such as its host name. */
  consumer: string;
  layout: ReceiptLayout;
  /** Number of files. */
  members: number;
  /** When the first of its files landed, from the manifest; ms since the epoch. */
  firstLandedAt: number;
  /** When the last of its files landed, from the manifest; ms since the epoch. */
  lastLandedAt: number;
  /** When the consumer began to download, by its own clock; ms since the epoch. */
  startedAt: number;
  /** When the files were in place and synced, by the consumer's own clock; ms since the epoch. */
  finishedAt: number;
}

/** The text is not a valid receipt. The message names its source and the problem. */
export class ReceiptError extends Error {
  override readonly name = 'ReceiptError';
}

/** Prefix of receipts in the archive bucket. */
export const RECEIPT_PREFIX = 'receipts/';

/** No receipt is larger. Readers need not download more, because an external party writes receipts. */
export const MAX_RECEIPT_BYTES = 16 * 1024;

const SUFFIX = '.json';

/** The key of a bundle's receipt in the archive bucket. @param bundle the bundle's key in the distribution bucket */
export function receiptKey(bundle: string): string {
  return `${RECEIPT_PREFIX}${bundle}${SUFFIX}`;
}

/** The key in the distribution bucket of a receipt's bundle; undefined if no receipt has this key. */
export function bundleKeyOfReceipt(key: string): string | undefined {
  return key.startsWith(RECEIPT_PREFIX) && key.endsWith(SUFFIX)
    ? key.slice(RECEIPT_PREFIX.length, -SUFFIX.length)
    : undefined;
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const time = v.pipe(v.string(), v.isoTimestamp(), v.transform(Date.parse), v.number());
/** S3 keys and version ids have at most 1,024 bytes. */
const name = v.pipe(v.string(), v.nonEmpty(), v.maxLength(1024));

/** The text of a receipt, version 1. Fields may be added: unknown ones are ignored. */
const receiptSchema = v.pipe(
  v.object({
    schemaVersion: v.literal(1),
    bundle: v.pipe(
      v.object({
        key: name,
        versionId: v.exactOptional(name),
        size: count,
        sha256: v.exactOptional(
          v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hex digits')),
        ),
        crc64nvme: v.exactOptional(
          v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, 'a CRC-64/NVME is 16 lower-case hex digits')),
        ),
      }),
      v.check(
        ({ sha256, crc64nvme }) => sha256 !== undefined || crc64nvme !== undefined,
        'a receipt has a sha256 or a crc64nvme',
      ),
    ),
    consumer: v.pipe(v.string(), v.nonEmpty(), v.maxLength(255)),
    layout: v.picklist(receiptLayouts),
    members: v.pipe(count, v.minValue(1, 'no bundle is empty')),
    firstLandedAt: time,
    lastLandedAt: time,
    startedAt: time,
    finishedAt: time,
  }),
  v.transform(({ schemaVersion: _, ...receipt }): Receipt => receipt),
);

/**
 * A receipt as JSON. The same receipt always has the same text.
 *
 * @throws ReceiptError if the text could not be parsed again
 */
export function serializeReceipt(receipt: Receipt): string {
  const { bundle, consumer, layout, members } = receipt;
  const where = `the receipt of ${bundle.key}`;
  const text: v.InferInput<typeof receiptSchema> = {
    schemaVersion: 1,
    bundle: {
      key: bundle.key,
      ...(bundle.versionId !== undefined && { versionId: bundle.versionId }),
      size: bundle.size,
      ...(bundle.sha256 !== undefined && { sha256: bundle.sha256 }),
      ...(bundle.crc64nvme !== undefined && { crc64nvme: bundle.crc64nvme }),
    },
    consumer,
    layout,
    members,
    firstLandedAt: isoTime(receipt.firstLandedAt, where),
    lastLandedAt: isoTime(receipt.lastLandedAt, where),
    startedAt: isoTime(receipt.startedAt, where),
    finishedAt: isoTime(receipt.finishedAt, where),
  };
  check(text, where);
  return `${JSON.stringify(text, undefined, 2)}\n`;
}

/**
 * @param where bucket and key, for messages
 * @throws ReceiptError
 */
export function parseReceipt(text: string, where: string): Receipt {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ReceiptError(`${where} is not JSON`, { cause });
  }
  return check(json, where);
}

/**
 * When the files of a bundle reached the disk. Usually this is the receipt's own time. If the consumer's clock cannot be right,
 * because that time is before a file landed or after S3 stored the receipt, it is S3's.
 *
 *     landed            finished          stored
 *     ──┼──────────────────┼─────────────────┼──▶
 *       └─ before: wrong   └─ as it says     └─ after: wrong
 *
 * @param storedAt Last-Modified of the receipt, ms since the epoch
 * @returns ms since the epoch
 */
export function onDiskAt({ lastLandedAt, finishedAt }: Receipt, storedAt: number): number {
  return finishedAt >= lastLandedAt && finishedAt <= storedAt ? finishedAt : storedAt;
}

function check(json: unknown, where: string): Receipt {
  const result = v.safeParse(receiptSchema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ReceiptError(`${where}: ${v.getDotPath(issue) ?? 'the receipt'}: ${issue.message}`);
}

function isoTime(ms: number, where: string): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw new ReceiptError(`${where}: ${ms} is not a valid time`);
  return date.toISOString();
}
