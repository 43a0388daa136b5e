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

/** The bundling functions' queues, and the results of what was received from them. */
export interface Intake extends Waiting {
  errors: number;
  itemFailures: number;
}

const BUNDLING_FUNCTIONS = ['-aggregator', '-large-objects'];

/** The state of the bundling functions' queues. Other functions have queues of their own. */
export function intakeOf({ queues, mappings }: CloudStats): Intake {
  const feeding = mappings.filter(({ functionName }) =>
    BUNDLING_FUNCTIONS.some((suffix) => functionName.endsWith(suffix)),
  );
  if (feeding.length === 0) throw new Error('no queue feeds the aggregator');
  const total = { errors: 0, itemFailures: 0, visible: 0, inFlight: 0 };
  for (const { queueName, errors, itemFailures } of feeding) {
    const queue = queues.find(({ name }) => name === queueName);
    total.errors += errors;
    total.itemFailures += itemFailures;
    total.visible += queue?.visible ?? 0;
    total.inFlight += queue?.inFlight ?? 0;
  }
  return total;
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
