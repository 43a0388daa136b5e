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

/** The bundling functions' queues, and their mappings' failures. */
export interface Intake extends Waiting {
  errors: number;
  itemFailures: number;
}

const BUNDLING_FUNCTIONS = ['-aggregator', '-large-objects'];

/** The figures of the bundling functions, without other functions and their queues. @throws Error if no queue feeds them */
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
