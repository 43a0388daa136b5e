import type { Cloud, CloudStats } from '@data-aggregator/local-cloud';

/** Messages in the queues that feed functions, without dead letters. */
export interface Waiting {
  visible: number;
  /** Received and not deleted: in progress, or hidden until they can be received again. */
  inFlight: number;
}

/** Sums up all queues that feed functions. */
export function waitingIn({ queues, mappings }: CloudStats): Waiting {
  const sources = new Set(mappings.map(({ queueName }) => queueName));
  const feeding = queues.filter(({ name }) => sources.has(name));
  return {
    visible: feeding.reduce((sum, queue) => sum + queue.visible, 0),
    inFlight: feeding.reduce((sum, queue) => sum + queue.inFlight, 0),
  };
}

/** The aggregator's queue and its mapping's failures. */
export interface Intake extends Waiting {
  errors: number;
  itemFailures: number;
}

/** The figures of the aggregator, without other functions and their queues. @throws Error if no queue feeds it */
export function intakeOf({ queues, mappings }: CloudStats): Intake {
  const mapping = mappings.find(({ functionName }) => functionName.endsWith('-aggregator'));
  const queue = queues.find(({ name }) => name === mapping?.queueName);
  if (!mapping || !queue) throw new Error('no queue feeds the aggregator');
  const { errors, itemFailures } = mapping;
  return { errors, itemFailures, visible: queue.visible, inFlight: queue.inFlight };
}

/** Reports the number of pending notifications every `everyMs` milliseconds, until it is disposed of. */
export function watchQueues(
  cloud: Pick<Cloud, 'stats'>,
  onQueued: (count: number) => void,
  everyMs = 500,
): Disposable {
  let looking = false;
  async function look() {
    if (looking) return;
    looking = true;
    try {
      const { visible, inFlight } = intakeOf(await cloud.stats());
      onQueued(visible + inFlight);
    } finally {
      looking = false;
    }
  }
  const clock = setInterval(() => void look(), everyMs);
  return { [Symbol.dispose]: () => clearInterval(clock) };
}
