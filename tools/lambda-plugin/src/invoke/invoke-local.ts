import {
  AssemblyError,
  type Cloud,
  type CloudOptions,
  PolicyError,
  startCloud,
} from '@data-aggregator/local-cloud';
import { UsageError } from '../commands/usage-error.ts';
import type { Answer } from './answer.ts';

/**
 * Invokes a function in an embedded cloud that is started for it, and ended with it.
 *
 * @throws UsageError where the templates hold what the embedded cloud does not know
 */
export async function invokeLocally(
  name: string,
  event: unknown,
  { assembly, onLog }: { assembly: string; onLog: (line: string) => void },
): Promise<Answer> {
  const cloud = await start({ assembly, logger: onLog });
  try {
    cloud.onLog(({ text }) => onLog(text));
    const { kind, payload } = await cloud.invoke(name, event);
    return { isError: kind === 'error', payload };
  } finally {
    await cloud.stop();
  }
}

async function start(options: CloudOptions): Promise<Cloud> {
  try {
    return await startCloud(options);
  } catch (error) {
    if (!(error instanceof AssemblyError || error instanceof PolicyError)) throw error;
    throw new UsageError(`The embedded cloud cannot start: ${error.message}.`, { cause: error });
  }
}
