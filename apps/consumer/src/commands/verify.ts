import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { startChecksum } from '@data-aggregator/shared-processing/checksum';
import type { Terminal } from '@data-aggregator/terminal';
import { checksumToVerify } from '../extract/expected.ts';
import { unlessMissing } from '../inbox/durable.ts';
import { type Disk, machineDisk } from '../inbox/disk.ts';
import { type Inbox, inboxAt } from '../inbox/inbox.ts';
import type { PlacedFile } from '../inbox/local-receipt.ts';
import { exit, type ExitCode, UsageError } from './exit.ts';

/** What `verify` found. */
export interface Verification {
  bundles: number;
  files: number;
  intact: number;
  /** Moved or deleted since they were put on disk. */
  missing: number;
  damaged: number;
  /** The files of these bundles cannot be checked. */
  damagedReceipts: number;
}

export interface VerifyOptions {
  /** Whether files that were moved away count as a finding. */
  allowMissing: boolean;
  json: boolean;
}

/**
 * `verify`: compares every file on disk with its receipt. It reads only, and needs neither lock nor network. The consumer may run, and files
 * may be moved away, at the same time.
 *
 * @throws UsageError; errors of the disk other than an unreadable file; the signal's reason
 */
export async function verify(
  folder: string,
  options: VerifyOptions,
  output: Terminal,
  signal: AbortSignal,
  disk: Disk = machineDisk,
): Promise<ExitCode> {
  const inbox = inboxAt(folder, disk);
  if (!inbox.exists()) throw new UsageError(`${inbox.root} is not an inbox of a consumer.`);
  const found: Verification = {
    ...{ bundles: 0, files: 0 },
    ...{ intact: 0, missing: 0, damaged: 0, damagedReceipts: 0 },
  };
  const finding = (event: string, fields: Record<string, string>, sentence: string) =>
    output.write(options.json ? `${JSON.stringify({ event, ...fields })}\n` : `${sentence}\n`);
  const receipts = inbox.receipts(({ message }) => {
    found.damagedReceipts++;
    finding('receipt.damaged', { detail: message }, `damaged: ${message}`);
  });
  for await (const { bundle, files } of receipts) {
    found.bundles++;
    for (const file of files) {
      const state = await stateOf(file, inbox, signal);
      found.files++;
      found[state]++;
      if (state === 'intact' || (state === 'missing' && options.allowMissing)) continue;
      const { path } = file;
      finding(
        `file.${state}`,
        { path, bundle: bundle.key },
        `${state}: ${JSON.stringify(path)} of ${bundle.key}`,
      );
    }
  }
  output.write(
    options.json
      ? `${JSON.stringify(found)}\n`
      : `${found.files} files of ${found.bundles} bundles: ${found.intact} intact, ${found.missing} missing, ${found.damaged} damaged\n`,
  );
  const isFine = found.damaged + found.damagedReceipts === 0 && (options.allowMissing || found.missing === 0);
  return isFine ? exit.success : exit.findings;
}

async function stateOf(
  file: PlacedFile,
  inbox: Inbox,
  signal: AbortSignal,
): Promise<'intact' | 'missing' | 'damaged'> {
  signal.throwIfAborted();
  const path = join(inbox.root, ...file.path.split('/'));
  try {
    const found = await unlessMissing(lstat(path));
    if (found === undefined) return 'missing';
    if (!found.isFile() || found.size !== file.size) return 'damaged';
    const { algorithm, hex } = checksumToVerify(file);
    const actual = await unlessMissing(checksumOfFile(path, algorithm, inbox.disk, signal));
    if (actual === undefined) return 'missing';
    return actual === hex ? 'intact' : 'damaged';
  } catch (error) {
    // A bad sector must not hide the state of the files after it.
    if ((error as NodeJS.ErrnoException).code === 'EIO') return 'damaged';
    throw error;
  }
}

async function checksumOfFile(
  path: string,
  algorithm: 'sha256' | 'crc64nvme',
  disk: Disk,
  signal: AbortSignal,
): Promise<string> {
  const checksum = await startChecksum(algorithm);
  for await (const chunk of disk.createReadStream(path, { highWaterMark: 1024 ** 2 })) {
    signal.throwIfAborted();
    checksum.update(chunk as Buffer);
  }
  return checksum.hex();
}
