import type { CloudStats } from '@data-aggregator/local-cloud';

/** Figures of a cloud with one queue, which feeds the aggregator, and dead letters that nobody reads. */
export function statsOf({ visible = 0, inFlight = 0, running = 0 }): CloudStats {
  return {
    queues: [
      { name: 'q', visible, inFlight, dead: 9 },
      { name: 'q-dead-letters', visible: 9, inFlight: 0, dead: 0 },
    ],
    mappings: [
      {
        functionName: 'the-aggregator',
        queueName: 'q',
        ...{ invocations: 0, errors: 0, itemFailures: 0, running: 0 },
      },
    ],
    running,
  };
}
