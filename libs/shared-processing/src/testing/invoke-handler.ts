import type { Context } from 'aws-lambda';

/**
 * Invokes a handler as Lambda does, and keeps the lines that it writes to standard output and standard error, which must be JSON. The
 * request id is `request`.
 *
 * @param msLeft until Lambda would kill the invocation
 */
export async function invokeHandler<Result>(
  handler: (event: unknown, context: Context) => Promise<Result>,
  event: unknown,
  msLeft: number,
): Promise<{ result: PromiseSettledResult<Result>; lines: Record<string, unknown>[] }> {
  const written: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  for (const stream of streams) stream.write = (chunk) => written.push(String(chunk)) > 0;
  try {
    const context = { awsRequestId: 'request', getRemainingTimeInMillis: () => msLeft } as Context;
    const [result] = await Promise.allSettled([handler(event, context)]);
    const lines = written.join('').split('\n').filter(Boolean);
    return { result, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  } finally {
    streams.forEach((stream, index) => Object.assign(stream, { write: writes[index] }));
  }
}
