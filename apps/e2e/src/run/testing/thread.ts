import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { Failure } from '@data-aggregator/pipeline-client';
import { serve } from '../thread/serve.ts';

/** A thread that follows commands. */
export type Command =
  | { do: 'add'; n: number }
  | { do: 'wait'; ms: number }
  | { do: 'fail' }
  | { do: 'break' }
  | { do: 'die' };

serve(async (command: Command): Promise<number> => {
  switch (command.do) {
    case 'add':
      return (workerData as number) + command.n;
    case 'wait':
      await sleep(command.ms);
      return command.ms;
    case 'fail':
      throw new Failure('It is not there.');
    case 'break':
      throw new TypeError('broken');
    case 'die':
      process.exit(1);
  }
});
