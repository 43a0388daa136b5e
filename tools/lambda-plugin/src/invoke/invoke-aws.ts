import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { UsageError } from '../commands/command.ts';
import type { FunctionResponse } from './payload.ts';

/**
 * Invokes a deployed function and waits for its response, with the credentials and the region of the shell.
 *
 * @param functionName its physical name
 * @throws UsageError if AWS cannot be reached or refuses the call
 */
export async function invokeOnAws(
  functionName: string,
  event: unknown,
  { client = new LambdaClient({}), onLog }: { client?: LambdaClient; onLog: (line: string) => void },
): Promise<FunctionResponse> {
  const command = new InvokeCommand({
    FunctionName: functionName,
    Payload: JSON.stringify(event),
    LogType: 'Tail',
  });
  const { FunctionError, LogResult, Payload } = await client.send(command).catch((cause: Error) => {
    throw new UsageError(`Invoking ${functionName} on AWS failed: ${cause.message} (${cause.name}).`, {
      cause,
    });
  });
  if (LogResult !== undefined) onLog(Buffer.from(LogResult, 'base64').toString('utf8').trimEnd());
  return { isError: FunctionError !== undefined, payload: Payload?.transformToString() ?? '' };
}
