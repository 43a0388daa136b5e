import {
  AssemblyError,
  type Cloud,
  type CloudOptions,
  PolicyError,
  startCloud,
} from '@data-aggregator/local-cloud';
import { UsageError } from '../commands/command.ts';
import type { FunctionResponse } from './payload.ts';

/**
 * Invokes a function in an embedded cloud that runs for this invocation only.
 *
 * @throws UsageError if the embedded cloud does not support the templates
 */
export async function invokeLocally(
  name: string,
  event: unknown,
  { assembly, onLog }: { assembly: string; onLog: (line: string) => void },
): Promise<FunctionResponse> {
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
