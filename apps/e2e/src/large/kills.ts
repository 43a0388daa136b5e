import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud, S3Fault, S3FaultCall } from '@data-aggregator/local-cloud';
import type { Random } from '@data-aggregator/shared-processing/testing';

export interface KillPlan {
  /** How many builders of the object to kill. */
  kills: number;
  /** Of the huge object. */
  key: string;
  /** About how long a build takes, in ms. Kills are spread over it. */
  buildMs: number;
  random: Random;
  onKill: (count: number) => void;
}

/** Requests that make a bundle visible. */
const PUBLISHING = ['CompleteMultipartUpload', 'PutObject'];

/**
 * Kills the function that works on the huge object, with SIGKILL: each attempt once, at a random moment after its first
 * read, and before it publishes at the latest. So the requested number is always reached.
 *
 *     attempt 1   read ───────×
 *     attempt 2                 read ─────────────────── complete ×     (late: the request is cut)
 *     attempt 3                                                     read ──────────────────────── complete
 */
export function killBuilders(cloud: Cloud, plan: KillPlan): { readonly count: number; stop(): void } {
  const builder = builderRole(cloud);
  const stopping = new AbortController();
  let count = 0;
  let armed = false;

  function kill(): boolean {
    if (!armed || count >= plan.kills) return false;
    armed = false;
    if (!cloud.killFunctionProcess(builder.functionName)) return false;
    plan.onKill(++count);
    return true;
  }

  async function killLater(): Promise<void> {
    const attempt = count;
    await sleep(plan.random.below(plan.buildMs), undefined, { signal: stopping.signal });
    if (attempt === count) kill();
  }

  function onRequest({ operation, key, accessKeyId }: S3FaultCall): S3Fault | undefined {
    if (accessKeyId !== builder.accessKeyId) return undefined;
    if (key === plan.key && !armed && count < plan.kills) {
      armed = true;
      killLater().catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
    }
    const publishes = PUBLISHING.includes(operation) && key?.startsWith('bundles/');
    return publishes && kill() ? { cutBeforeEffect: true } : undefined;
  }

  cloud.faults.s3 = onRequest;
  return {
    get count() {
      return count;
    },
    stop() {
      stopping.abort();
      cloud.faults.s3 = undefined;
    },
  };
}

function builderRole(cloud: Cloud) {
  const functionName = 'large-objects';
  const role = Object.entries(cloud.credentials.perRole).find(([name]) => name.endsWith(`-${functionName}`));
  if (!role) throw new Error(`the templates have no role of the function ${functionName}`);
  return { functionName, accessKeyId: role[1].accessKeyId };
}
