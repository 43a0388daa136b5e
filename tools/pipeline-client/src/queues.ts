import type { Cloud, CloudStats } from '@data-aggregator/local-cloud';

/** Messages in the queues that feed functions, without dead letters. */
export interface Waiting {
  visible: number;
  /** Received and not deleted: in progress, or hidden until they can be received again. */
  inFlight: number;
}

/** Sums up all queues that feed functions. */
export function waitingIn({ queues, mappings }: Pick<CloudStats, 'queues' | 'mappings'>): Waiting {
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

/** The functions over `libs/bundling`. */
export const BUNDLING_FUNCTIONS = ['aggregator', 'large-objects'];

/** The figures of the bundling functions, without other functions and their queues. @throws Error if no queue feeds them */
export function intakeOf({ queues, mappings }: CloudStats): Intake {
  const feeding = mappings.filter(({ functionName }) =>
    BUNDLING_FUNCTIONS.some((name) => functionName.endsWith(`-${name}`)),
  );
  if (feeding.length === 0) throw new Error('no queue feeds the aggregator');
  return {
    ...waitingIn({ queues, mappings: feeding }),
    errors: feeding.reduce((sum, mapping) => sum + mapping.errors, 0),
    itemFailures: feeding.reduce((sum, mapping) => sum + mapping.itemFailures, 0),
  };
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
