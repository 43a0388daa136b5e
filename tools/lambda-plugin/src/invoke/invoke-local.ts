import { startCloud } from '@data-aggregator/local-cloud';
import type { Answer } from './answer.ts';

/** Invokes a function in an embedded cloud that is started for it, and ended with it. */
export async function invokeLocally(
  name: string,
  event: unknown,
  { assembly, onLog }: { assembly: string; onLog: (line: string) => void },
): Promise<Answer> {
  const cloud = await startCloud({ assembly, logger: onLog });
  try {
    cloud.onLog(({ text }) => onLog(text));
    const { kind, payload } = await cloud.invoke(name, event);
    return { isError: kind === 'error', payload };
  } finally {
    await cloud.stop();
  }
}
