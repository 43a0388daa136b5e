import { createHash, hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { bundleKey } from '@data-aggregator/shared-processing/bundle-key';
import { mapConcurrently } from '@data-aggregator/shared-processing/retry';
import { BUCKETS, TABLE, VERSION } from '../notify.ts';
import { type BenchFile, contentOf, keyOf } from '../content.ts';
import { LEVEL, passThrough } from './pass-through.ts';

/** The simplest code for the same work, with unmodified libraries. */
export type Floor =
  | { floor: 'fetch-and-claim'; files: BenchFile[] }
  | { floor: 'claim'; files: BenchFile[] }
  | { floor: 'gzip'; file: BenchFile }
  | { floor: 'hash-and-copy'; file: BenchFile }
  | { floor: 'pass-through'; files: BenchFile[] };

/** The function's default. */
const CONCURRENCY = 48;

const s3 = new S3Client({});
const dynamo = new DynamoDBClient({});
const prepared = new Map<string, Buffer>();

/** Prepares the content outside the measurement. */
export function prepare(work: Floor): void {
  if (!('file' in work)) return;
  const variant = `${work.file.kind}/${work.file.size}/${work.file.index % 4}`;
  if (!prepared.has(variant)) prepared.set(variant, Buffer.concat([...contentOf(work.file)]));
  current = prepared.get(variant) ?? current;
}

let current: Buffer = Buffer.alloc(0);

/** Does the work once. The result depends on all of it, so that nothing is optimised away. */
export async function handler(work: Floor): Promise<number> {
  switch (work.floor) {
    case 'fetch-and-claim': {
      await mapConcurrently(work.files, CONCURRENCY, claim);
      const contents = await mapConcurrently(work.files, CONCURRENCY, fetchOne);
      return gzipSync(Buffer.concat(contents), { level: LEVEL }).length;
    }
    case 'claim':
      await mapConcurrently(work.files, CONCURRENCY, claim);
      return work.files.length;
    case 'gzip':
      return gzipSync(current, { level: LEVEL }).length + hash('sha256', current).length;
    case 'pass-through':
      return passThrough(work.files);
    case 'hash-and-copy': {
      const sum = createHash('sha256');
      const copy = Buffer.allocUnsafe(1024 ** 2);
      for (let at = 0; at < current.length; at += copy.length) {
        const piece = current.subarray(at, at + copy.length);
        piece.copy(copy);
        sum.update(piece);
      }
      return sum.digest().length;
    }
  }
}

async function fetchOne(file: BenchFile): Promise<Uint8Array> {
  const command = new GetObjectCommand({ Bucket: BUCKETS.landing, Key: keyOf(file), VersionId: VERSION });
  const { Body } = await s3.send(command);
  if (!Body) throw new Error(`${keyOf(file)} has no body`);
  return Body.transformToByteArray();
}

/** A key as long as a real bundle's. */
const BUNDLE = bundleKey(Date.UTC(2026, 10, 22, 9, 8, 7), 'b3f4ced5c6365116', '.tar.gz');

async function claim(file: BenchFile): Promise<void> {
  const command = new PutItemCommand({
    TableName: TABLE,
    Item: {
      id: { S: `claim#${keyOf(file)}` },
      bundle: { S: BUNDLE },
      until: { N: '1795338000000' },
      expires: { N: '1795338000' },
    },
    ConditionExpression: 'attribute_not_exists(id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    await dynamo.send(command);
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}
