import { createWriteStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChecksum } from '@data-aggregator/shared-processing/checksum';
import { BUCKETS } from '../notify.ts';
import { type BenchFile, contentOf, fileOf, keyOf } from '../content.ts';
import type { Behaviour, Tally } from './start.ts';

/*
 * S3 and DynamoDB with prepared responses, as far as successful invocations need them, so that the measurements show the
 * cost of the function and not of an emulator. Runs as its own process, controlled over IPC (see start.ts).
 */

let behaviour: Behaviour = { firstByteMs: 0 };
const nothing: Tally = { gets: 0, puts: 0, bundleBytes: 0, writes: 0, cpuMs: 0 };
let tally = { ...nothing };
let cpuBefore = process.cpuUsage();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return answerTable(target, request, response);
  switch (request.method) {
    case 'GET':
      return answerGet(request, response);
    case 'PUT':
      if (request.url?.startsWith(`/${BUCKETS.distribution}/`)) {
        tally.bundleBytes += Number(request.headers['content-length'] ?? 0);
        await storeBundle(request);
      } else for await (const _ of request);
      tally.puts++;
      response.writeHead(200, { etag: '"9b2cf535f27731c974343645a3985328"', 'content-length': 0 }).end();
      return;
    case 'POST':
      for await (const _ of request);
      response.writeHead(200).end(request.url?.includes('uploadId=') ? COMPLETED : CREATED);
      return;
    default:
      response.writeHead(404).end();
  }
}

async function storeBundle(request: IncomingMessage): Promise<void> {
  if (behaviour.keepIn === undefined) for await (const _ of request);
  else await pipeline(request, createWriteStream(join(behaviour.keepIn, `${tally.puts}.tar.gz`)));
}

/** Answers to the calls around the parts of an upload. */
const CREATED = '<InitiateMultipartUploadResult><UploadId>bench</UploadId></InitiateMultipartUploadResult>';
const COMPLETED =
  '<CompleteMultipartUploadResult><ETag>"9b2cf535f27731c974343645a3985328-1"</ETag></CompleteMultipartUploadResult>';

async function answerGet(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, key = ''] = /^\/landing\/([^?]+)/.exec(request.url ?? '') ?? [];
  const file = fileOf(key);
  if (!file) {
    response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    return;
  }
  tally.gets++;
  const checksum = await checksumOf(file);
  if (behaviour.firstByteMs > 0) await sleep(behaviour.firstByteMs);
  response.writeHead(200, {
    'content-length': file.size,
    'content-type': 'application/octet-stream',
    'last-modified': 'Sun, 22 Nov 2026 09:00:00 GMT',
    etag: '"9b2cf535f27731c974343645a3985328"',
    'accept-ranges': 'bytes',
    'x-amz-checksum-crc64nvme': checksum,
    'x-amz-checksum-type': 'FULL_OBJECT',
    'x-amz-version-id': '3HL4kqtJvjVBH40Nrjfkd.bench',
    'x-amz-server-side-encryption': 'AES256',
    'x-amz-request-id': 'C3D13FE58DE4C810',
    'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD',
  });
  // Send small files, the common case, in one piece instead of piping a generator.
  const pieces = [...contentOf(file)];
  if (pieces.length === 1) response.end(pieces[0]);
  else await pipeline(Readable.from(pieces), response);
}

const checksums = new Map<string, string>();

/** The checksum that S3 computes by default, in Base64; computed once per file. */
async function checksumOf(file: BenchFile): Promise<string> {
  const key = keyOf(file);
  const known = checksums.get(key);
  if (known !== undefined) return known;
  const checksum = await startChecksum('crc64nvme');
  for (const piece of contentOf(file)) checksum.update(piece);
  const made = Buffer.from(checksum.hex(), 'hex').toString('base64');
  checksums.set(key, made);
  return made;
}

const headers = {
  'content-type': 'application/x-amz-json-1.0',
  'x-amzn-requestid': 'BENCH',
  'x-amz-crc32': '2745614147',
};

async function answerTable(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  tally.writes++;
  const { claimed } = behaviour;
  const send = (status: number, body: string) =>
    response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
  if (target.endsWith('.GetItem')) {
    send(200, claimed ? claimed.note : '{}');
  } else if (
    claimed &&
    target.endsWith('.PutItem') &&
    Buffer.concat(chunks).includes('attribute_not_exists')
  ) {
    send(400, claimed.refusal);
  } else {
    send(200, '{}');
  }
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));

process.on('message', (wanted: Behaviour | 'tally') => {
  if (wanted === 'tally') {
    const { user, system } = process.cpuUsage(cpuBefore);
    process.send?.({ ...tally, cpuMs: (user + system) / 1000 } satisfies Tally);
  } else {
    behaviour = wanted;
    tally = { ...nothing };
    cpuBefore = process.cpuUsage();
    process.send?.('ready');
  }
});
process.on('disconnect', () => process.exit());
