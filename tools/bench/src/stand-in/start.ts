import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Behaviour, Tally } from './protocol.ts';

/** The services that the function talks to, in a process of their own. */
export interface StandIn {
  /** `http://127.0.0.1:43210` */
  readonly endpoint: string;
  /** Says how to answer from now on, and starts the tally anew. */
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
