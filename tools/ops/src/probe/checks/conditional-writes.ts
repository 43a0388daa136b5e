import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type Assumption, observe, type Probe, range, resultOf, tally } from '../assumption.ts';
import { begin, complete } from './uploads.ts';

const CONDITIONAL = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html';
const DELETE_MARKER = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html';

const putIfAbsent = ({ s3, names }: Probe, Key: string, Body = 'content') =>
  resultOf(s3.send(new PutObjectCommand({ Bucket: names.bucket, Key, Body, IfNoneMatch: '*' })));

const remove = ({ s3, names }: Probe, Key: string) =>
  s3.send(new DeleteObjectCommand({ Bucket: names.bucket, Key }));

async function versionsOf({ s3, names }: Probe, Prefix: string): Promise<number> {
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: names.bucket, Prefix }));
  return Versions.length;
}

/** Refusals of the losers of a race: the object was there, or became visible meanwhile. */
const LOST = new Set(['PreconditionFailed', 'ConditionalRequestConflict']);

/** Runs races of two conditional writes of one key. */
async function race(
  probe: Probe,
  name: string,
  contenders: (key: string) => Promise<(() => Promise<string>)[]>,
) {
  const rounds = await Promise.all(
    range(probe.pace.rounds).map(async (round) => {
      const key = `${name}/${round}`;
      const results = await Promise.all((await contenders(key)).map((write) => write()));
      const winners = results.filter((result) => result === 'ok').length;
      const losers = results.filter((result) => LOST.has(result)).length;
      const versions = await versionsOf(probe, key);
      const held = winners === 1 && losers === results.length - 1 && versions === 1;
      return { held, what: `${results.sort().join(' and ')}, ${versions} version(s)` };
    }),
  );
  return observe(
    rounds.every(({ held }) => held),
    tally(rounds.map(({ what }) => what)),
  );
}

export const conditionalWriteAssumptions: readonly Assumption[] = [
  {
    name: 'put-over-object',
    assumption: 'PutObject with If-None-Match: * is refused if the key has an object.',
    source: CONDITIONAL,
    requests: { s3Put: 3 },
    async check(probe) {
      const first = await putIfAbsent(probe, 'put-over-object');
      const second = await putIfAbsent(probe, 'put-over-object');
      const versions = await versionsOf(probe, 'put-over-object');
      return observe(
        first === 'ok' && second === 'PreconditionFailed' && versions === 1,
        `first: ${first}; second: ${second}; ${versions} version(s)`,
      );
    },
  },
  {
    name: 'put-over-delete-marker',
    assumption:
      'PutObject with If-None-Match: * succeeds over a delete marker; therefore a bundle is never sent twice.',
    source: CONDITIONAL,
    requests: { s3Put: 2 },
    async check(probe) {
      const first = await putIfAbsent(probe, 'put-over-marker');
      await remove(probe, 'put-over-marker');
      const second = await putIfAbsent(probe, 'put-over-marker');
      return observe(first === 'ok' && second === 'ok', `first: ${first}; over the marker: ${second}`);
    },
  },
  {
    name: 'complete-over-delete-marker',
    assumption: 'CompleteMultipartUpload with If-None-Match: * succeeds over a delete marker.',
    source: CONDITIONAL,
    requests: { s3Put: 4 },
    async check(probe) {
      const first = await putIfAbsent(probe, 'complete-over-marker');
      await remove(probe, 'complete-over-marker');
      const second = await complete(probe, await begin(probe, 'complete-over-marker'));
      return observe(first === 'ok' && second === 'ok', `first: ${first}; over the marker: ${second}`);
    },
  },
  {
    name: 'concurrent-puts',
    assumption: 'Of several concurrent PUTs of one key with If-None-Match: *, exactly one succeeds.',
    source: CONDITIONAL,
    requests: { s3Put: 10 * 3 },
    check: (probe) =>
      race(probe, 'concurrent-puts', async (key) =>
        ['one', 'two'].map((body) => () => putIfAbsent(probe, key, body)),
      ),
  },
  {
    name: 'concurrent-completes',
    assumption:
      'Of several concurrent completions of uploads of one key with If-None-Match: *, exactly one succeeds.',
    source: CONDITIONAL,
    requests: { s3Put: 10 * 7 },
    check: (probe) =>
      race(probe, 'concurrent-completes', async (key) => {
        const begun = await Promise.all([begin(probe, key), begin(probe, key)]);
        return begun.map((one) => () => complete(probe, one));
      }),
  },
  {
    name: 'head-of-deleted-key',
    assumption:
      'HEAD answers 404 with x-amz-delete-marker for a deleted key and without it for a key that never existed.',
    source: DELETE_MARKER,
    requests: { s3Put: 1, s3Get: 3 },
    async check(probe) {
      const { store, names } = probe;
      const head = async (key: string) => (await store.head(names.bucket, key)).kind;
      await putIfAbsent(probe, 'head/deleted');
      const before = await head('head/deleted');
      await remove(probe, 'head/deleted');
      const after = await head('head/deleted');
      const never = await head('head/never');
      return observe(
        before === 'present' && after === 'deleted' && never === 'absent',
        `stored: ${before}; deleted: ${after}; never stored: ${never}`,
      );
    },
  },
];
