import type { Cloud, CloudStats } from '@data-aggregator/local-cloud';

/** Messages of the queues that feed functions; dead letters are not among them. */
export interface Waiting {
  visible: number;
  /** Received, and not acknowledged: worked on, or hidden until they may be received again. */
  inFlight: number;
}

/** What waits in all queues that feed functions. */
export function waitingIn({ queues, mappings }: CloudStats): Waiting {
  const sources = new Set(mappings.map(({ queueName }) => queueName));
  const feeding = queues.filter(({ name }) => sources.has(name));
  return {
    visible: feeding.reduce((sum, queue) => sum + queue.visible, 0),
    inFlight: feeding.reduce((sum, queue) => sum + queue.inFlight, 0),
  };
}

/** The aggregator's queue, and what became of what was received from it. */
export interface Intake extends Waiting {
  errors: number;
  itemFailures: number;
}

/** What notifications come to, whatever other functions take from queues of their own. */
export function intakeOf({ queues, mappings }: CloudStats): Intake {
  const mapping = mappings.find(({ functionName }) => functionName.endsWith('-aggregator'));
  const queue = queues.find(({ name }) => name === mapping?.queueName);
  if (!mapping || !queue) throw new Error('no queue feeds the aggregator');
  const { errors, itemFailures } = mapping;
  return { errors, itemFailures, visible: queue.visible, inFlight: queue.inFlight };
}

/**
 * Tells every now and then how many notifications wait, until it is disposed of.
 *
 * @param everyMs milliseconds
 */
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
