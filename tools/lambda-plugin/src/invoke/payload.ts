import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { UsageError } from '../commands/command.ts';

/**
 * Reads the event that `--event` selects: a file in the function's folder `events` by its name, or any file by its path.
 *
 * @param functionRoot absolute folder of the function's project
 * @throws UsageError if there is no such file, or it is not JSON
 */
export function readEvent(event: string, functionRoot: string, workspaceRoot: string): unknown {
  const isPath = event.includes('/') || event.endsWith('.json');
  const file = isPath ? resolve(workspaceRoot, event) : join(functionRoot, 'events', `${event}.json`);
  const shown = relative(workspaceRoot, file);
  if (!existsSync(file)) {
    const known = eventNames(functionRoot);
    const offer = known.length > 0 ? `; the events are ${known.join(', ')}` : '';
    throw new UsageError(`There is no ${shown}${isPath ? '' : offer}.`);
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`${shown} is not JSON: ${(cause as Error).message}.`, { cause });
  }
}

function eventNames(functionRoot: string): string[] {
  const folder = join(functionRoot, 'events');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort();
}

/** A function's response. */
export interface FunctionResponse {
  isError: boolean;
  /** The result or the error, as JSON. */
  payload: string;
}

/** A response for display: indented JSON, or nothing if it is empty. */
export function responseText({ payload }: FunctionResponse): string {
  if (payload === '') return '';
  return `${JSON.stringify(JSON.parse(payload), null, 2)}\n`;
}
