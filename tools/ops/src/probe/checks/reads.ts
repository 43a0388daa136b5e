import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { type Assumption, observe, type Probe, range, resultOf } from '../assumption.ts';

const GET = 'https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html';
const VERSIONS = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/RetrievingObjectVersions.html';
const CONSISTENCY = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel';

async function put({ s3, names }: Probe, Key: string, Body: string) {
  const { VersionId = '', ETag = '' } = await s3.send(
    new PutObjectCommand({ Bucket: names.bucket, Key, Body }),
  );
  return { VersionId, ETag };
}

/** The content of a version, or the error code. */
async function contentOf({ s3, names }: Probe, Key: string, VersionId: string): Promise<string> {
  let content = '';
  const get = new GetObjectCommand({ Bucket: names.bucket, Key, VersionId });
  const result = await resultOf(
    s3.send(get).then(async ({ Body }) => (content = (await Body?.transformToString()) ?? '')),
  );
  return result === 'ok' ? content : result;
}

export const readAssumptions: readonly Assumption[] = [
  {
    name: 'get-version',
    assumption: 'GET with a version id returns that version after it was overwritten, and after a delete.',
    source: VERSIONS,
    requests: { s3Put: 2, s3Get: 2 },
    async check(probe) {
      const Key = 'reads/version';
      const { VersionId } = await put(probe, Key, 'first');
      await put(probe, Key, 'second');
      const overwritten = await contentOf(probe, Key, VersionId);
      await probe.s3.send(new DeleteObjectCommand({ Bucket: probe.names.bucket, Key }));
      const deleted = await contentOf(probe, Key, VersionId);
      return observe(
        overwritten === 'first' && deleted === 'first',
        `after the overwrite: "${overwritten}"; after the delete: "${deleted}"`,
      );
    },
  },
  {
    name: 'get-if-match',
    assumption: 'GET with If-Match is refused once the object has another ETag.',
    source: GET,
    requests: { s3Put: 2, s3Get: 2 },
    async check(probe) {
      const { s3, names } = probe;
      const get = async (IfMatch: string) =>
        s3.send(new GetObjectCommand({ Bucket: names.bucket, Key: 'reads/match', IfMatch }));
      const { ETag } = await put(probe, 'reads/match', 'first');
      const same = await resultOf(get(ETag).then(({ Body }) => Body?.transformToByteArray()));
      await put(probe, 'reads/match', 'second');
      const other = await resultOf(get(ETag));
      return observe(
        same === 'ok' && other === 'PreconditionFailed',
        `same ETag: ${same}; after an overwrite: ${other}`,
      );
    },
  },
  {
    name: 'list-versions',
    assumption:
      'ListObjectVersions shows every version and delete marker as soon as its request was answered.',
    source: CONSISTENCY,
    requests: { s3Put: 10 * 3 },
    async check(probe) {
      const { s3, names, pace } = probe;
      const Bucket = names.bucket;
      const seen = await Promise.all(
        range(pace.rounds).map(async (round) => {
          const Key = `reads/listed-${round}/`;
          const { VersionId } = await put(probe, Key, 'content');
          const before = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
          await s3.send(new DeleteObjectCommand({ Bucket, Key }));
          const after = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
          const listed = before.Versions?.some((version) => version.VersionId === VersionId) ?? false;
          return listed && after.DeleteMarkers?.length === 1 && after.Versions?.length === 1;
        }),
      );
      const complete = seen.filter(Boolean).length;
      return observe(complete === seen.length, `${complete} of ${seen.length} listings were complete`);
    },
  },
];
