import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Answer } from './answer.ts';

/**
 * Invokes a deployed function and waits for its answer, with the credentials and the region of the environment.
 *
 * @param functionName its name on AWS
 */
export async function invokeOnAws(
  functionName: string,
  event: unknown,
  { client = new LambdaClient({}), onLog }: { client?: LambdaClient; onLog: (line: string) => void },
): Promise<Answer> {
  const { FunctionError, LogResult, Payload } = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event), LogType: 'Tail' }),
  );
  if (LogResult !== undefined) onLog(Buffer.from(LogResult, 'base64').toString('utf8').trimEnd());
  return { isError: FunctionError !== undefined, payload: Payload?.transformToString() ?? '' };
}
