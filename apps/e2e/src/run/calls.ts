import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SentObject } from '../pipeline/sent-object.ts';
import type { Target } from './target.ts';

/** Invokes a function and waits for it. */
export function invoker(
  config: LambdaClientConfig,
  FunctionName: string,
): { call: Target['invoke'] } & Disposable {
  // A function may work for 15 minutes; asking again would make it do so twice.
  const lambda = new LambdaClient({ ...config, maxAttempts: 1 });
  return {
    async call(event, signal) {
      const Payload = Buffer.from(JSON.stringify(event));
      const command = new InvokeCommand({ FunctionName, Payload });
      const answer = await lambda.send(command, { abortSignal: signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        throw error;
      });
      return answer.FunctionError === undefined ? undefined : Buffer.from(answer.Payload ?? []).toString();
    },
    [Symbol.dispose]: () => lambda.destroy(),
  };
}

/** When a bundle appeared, ms since the epoch. S3 tells whole seconds, cut off: a second more is never too early. */
export function publicationTime(s3: S3Client, Bucket: string): (bundle: string) => Promise<number> {
  return async (Key) => {
    const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    if (!LastModified) throw new Error(`S3 does not tell when ${Key} was stored`);
    return LastModified.getTime() + 1_000;
  };
}

export function versionRemover(s3: S3Client): Target['remove'] {
  return async ({ bucket: Bucket, key: Key, version }: SentObject) => {
    if (version.kind !== 'id') throw new Error(`${Bucket} keeps no versions`);
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: version.versionId }));
  };
}
