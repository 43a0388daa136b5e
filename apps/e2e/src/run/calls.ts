import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SentObject } from '@data-aggregator/pipeline-client';
import type { Target } from './target.ts';

/** Invokes a function and waits for its response. */
export function invoker(
  config: LambdaClientConfig,
  FunctionName: string,
): { call: Target['invoke'] } & Disposable {
  // An invocation may take 15 minutes; a retry would run it twice.
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

/** Deletes a version permanently. */
export function versionRemover(s3: S3Client): Target['remove'] {
  return async ({ bucket: Bucket, key: Key, version }: SentObject) => {
    if (version.kind !== 'id') throw new Error(`${Bucket} keeps no versions`);
    await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: version.versionId }));
  };
}
