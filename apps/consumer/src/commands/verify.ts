import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { startChecksum } from '@data-aggregator/shared-processing/checksum';
import type { Terminal } from '@data-aggregator/terminal';
import { checksumToVerify } from '../extract/expected.ts';
import { unlessMissing } from '../inbox/durable.ts';
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
}

export interface VerifyOptions {
  /** Whether files that were moved away count as a finding. */
  allowMissing: boolean;
  json: boolean;
}

/** `verify`: compares every file on disk with its receipt. It reads only, and needs neither lock nor network. */
export async function verify(folder: string, options: VerifyOptions, output: Terminal): Promise<ExitCode> {
  const inbox = inboxAt(folder);
  if (!inbox.exists()) throw new UsageError(`${inbox.root} is not an inbox of a consumer.`);
  const found: Verification = { bundles: 0, files: 0, intact: 0, missing: 0, damaged: 0 };
  for await (const { bundle, files } of inbox.receipts()) {
    found.bundles++;
    for (const file of files) {
      const state = await stateOf(file, inbox);
      found.files++;
      found[state]++;
      if (state === 'intact' || (state === 'missing' && options.allowMissing)) continue;
      output.write(
        options.json
          ? `${JSON.stringify({ event: `file.${state}`, path: file.path, bundle: bundle.key })}\n`
          : `${state}: ${JSON.stringify(file.path)} of ${bundle.key}\n`,
      );
    }
  }
  output.write(
    options.json
      ? `${JSON.stringify(found)}\n`
      : `${found.files} files of ${found.bundles} bundles: ${found.intact} intact, ${found.missing} missing, ${found.damaged} damaged\n`,
  );
  const isFine = found.damaged === 0 && (options.allowMissing || found.missing === 0);
  return isFine ? exit.success : exit.findings;
}

async function stateOf(file: PlacedFile, inbox: Inbox): Promise<'intact' | 'missing' | 'damaged'> {
  const path = join(inbox.root, ...file.path.split('/'));
  const found = await unlessMissing(lstat(path));
  if (found === undefined) return 'missing';
  if (!found.isFile() || found.size !== file.size) return 'damaged';
  const { algorithm, hex } = checksumToVerify(file);
  const checksum = await startChecksum(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 ** 2 }))
    checksum.update(chunk as Buffer);
  return checksum.hex() === hex ? 'intact' : 'damaged';
}
