import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '@data-aggregator/local-cloud';
import * as v from 'valibot';
import { workspaceRoot } from '../workspace.ts';

const report = v.object({
  done: v.boolean(),
  counts: v.object({ examined: v.number(), enqueued: v.number() }),
  estimate: v.optional(v.object({ usd: v.number(), seconds: v.number() })),
});

export type CommandReport = v.InferOutput<typeof report>;

export interface CommandOptions {
  cloud: Cloud;
  /** Environment of the templates. */
  env: string;
  prefix: string;
  checkpoint: string;
  signal: AbortSignal;
}

/** A run of `ops:backfill` in its own process, as an operator starts it. */
export function startCommand(words: readonly string[], options: CommandOptions) {
  const { cloud, env, prefix, checkpoint, signal } = options;
  const { accessKeyId, secretAccessKey } = cloud.credentials.admin;
  const program = join(workspaceRoot, 'tools/ops/src/main.ts');
  const common = ['--prefix', prefix, '--env', env, '--endpoint', cloud.endpoint, '--json'];
  const child = spawn(process.execPath, [program, 'backfill', ...common, ...words], {
    env: { ...process.env, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const output = Promise.all([text(child.stdout), text(child.stderr), exited]);
  output.catch(() => undefined); // If the signal aborts, `killAt` or `end` throws it.
  return {
    /** Kills the process without warning, once its checkpoint shows this many enqueued versions. @returns whether it still ran */
    async killAt(enqueued: number): Promise<boolean> {
      while (child.exitCode === null && enqueuedIn(checkpoint) < enqueued) {
        await sleep(20, undefined, { signal });
      }
      const killed = child.exitCode === null && child.kill('SIGKILL');
      await output;
      return killed;
    },
    /** Its report. @throws Error if it failed */
    async end(): Promise<CommandReport> {
      const [out, err, code] = await output;
      if (code !== 0) throw new Error(`ops backfill ended with ${code}: ${err}`);
      return v.parse(report, JSON.parse(out.trimEnd().split('\n').at(-1) ?? ''));
    },
  };
}

function enqueuedIn(checkpoint: string): number {
  try {
    const { counts } = JSON.parse(readFileSync(checkpoint, 'utf8')) as { counts: { enqueued: number } };
    return counts.enqueued;
  } catch (error) {
    // Not there before the first page.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
