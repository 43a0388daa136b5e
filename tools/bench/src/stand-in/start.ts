import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** How the stand-in responds. */
export interface Behaviour {
  /** Milliseconds before the first byte of a GET. */
  firstByteMs: number;
  /** If every object is already claimed: the response to a claim, and the bundle record, as JSON. */
  claimed?: { refusal: string; note: string };
  /** Folder to keep bundles in; by default, they are discarded. */
  keepIn?: string;
}

/** Counts of the stand-in's calls since `behave` was last called. */
export interface Tally {
  gets: number;
  /** Objects stored. */
  puts: number;
  /** Bytes of all bundles stored. */
  bundleBytes: number;
  /** Calls to DynamoDB. */
  writes: number;
  cpuMs: number;
}

/** S3 and DynamoDB for the function, in their own process. */
export interface StandIn {
  /** `http://127.0.0.1:43210` */
  readonly endpoint: string;
  /** Sets the behaviour, and resets the tally. */
  behave(behaviour: Behaviour): Promise<void>;
  tally(): Promise<Tally>;
  stop(): void;
}

export async function startStandIn(): Promise<StandIn> {
  const child = fork(join(import.meta.dirname, 'server.ts'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ask = async (message: Behaviour | 'tally'): Promise<unknown> => {
    child.send(message);
    const [answer] = await once(child, 'message');
    return answer;
  };
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    endpoint: `http://127.0.0.1:${port}`,
    behave: async (behaviour) => void (await ask(behaviour)),
    tally: async () => (await ask('tally')) as Tally,
    stop: () => void child.kill(),
  };
}
