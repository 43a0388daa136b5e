import { claimId } from '@data-aggregator/shared-processing/ledger';
import type { Violation } from '../rules/violation.ts';
import { objectsIn } from '../services/cloud.ts';
import { reachOf } from '../services/reach.ts';
import { type Queue, receiptOf, type SimulatedMessage } from '../services/sqs.ts';
import { FORWARD_BYTES, TIMEOUT_MS } from '../settings.ts';
import type { QueueName } from '../trace.ts';
import { invoke } from './aggregator.ts';
import { type Stage, startProcess } from './stage.ts';

const MAX_CONCURRENT_INVOCATIONS = 3;

/** The event source mappings of the two bundling functions: they receive batches and acknowledge what succeeded. */
export class Functions {
  /** A message that returned although the claim of its dead builder had not expired. */
  wastedReceive: Violation | undefined;
  readonly #stage: Stage;
  #invocations = 0;
  #running = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get queues(): Queue[] {
    return [this.#stage.cloud.queue, this.#stage.cloud.largeObjects];
  }

  get isWaiting(): boolean {
    return this.queues.some(({ messages }) => messages.size > 0);
  }

  actions(): (() => void)[] {
    if (this.#running >= MAX_CONCURRENT_INVOCATIONS) return [];
    return this.queues.flatMap((queue) => {
      const visible = queue.visible(this.#stage.world.now);
      return visible.length > 0 ? [() => this.#invoke(queue, visible)] : [];
    });
  }

  /** Claims of a dead builder must expire before its messages return, or the receive achieves nothing. */
  #checkReceive({ id, body, receiver }: SimulatedMessage): void {
    const { world, cloud } = this.#stage;
    if (receiver === undefined || !world.killed.has(receiver)) return;
    for (const objectId of objectsIn(body)) {
      const claim = cloud.table.items.get(claimId(objectId));
      const isOfReceiver = cloud.builders.get(String(claim?.['bundle'])) === receiver;
      const until = Number(claim?.['until']);
      if (!isOfReceiver || until <= world.now) continue;
      this.wastedReceive ??= {
        rule: 'claims of a dead builder expire before its messages return',
        detail: `${id} returned ${until - world.now} ms before the claim of ${receiver} expired`,
      };
    }
  }

  #invoke(queue: Queue, visible: readonly SimulatedMessage[]): void {
    const { world, random, cloud, groupOf } = this.#stage;
    const isForLargeObjects = queue === cloud.largeObjects;
    const wanted = visible.filter(() => random.chance(0.7)).slice(0, isForLargeObjects ? 1 : undefined);
    for (const message of wanted) this.#checkReceive(message);
    const name = `invocation ${++this.#invocations}`;
    const batch = queue.receive(wanted, name, world.now);
    if (batch.length === 0) return;
    world.trace(`${name} receives ${batch.map(({ id }) => id).join(' ')}`);
    const queueName: QueueName = isForLargeObjects ? 'large-objects' : 'queue';
    const told = (messages: readonly SimulatedMessage[]) => ({
      queue: queueName,
      messages: messages.map(({ id }) => id),
      objects: messages.flatMap(({ body }) => objectsIn(body)),
    });
    world.act(name, { kind: 'received', ...told(batch) });
    const messages = batch.map((message) => ({
      messageId: message.id,
      receiptHandle: receiptOf(message),
      body: message.body,
      attributes: { ApproximateReceiveCount: String(message.receives) },
    }));
    const division = { forwardBytes: isForLargeObjects ? undefined : FORWARD_BYTES, groupOf };
    const acknowledge = (failed: ReadonlySet<string>) => {
      const done = batch.filter(({ id }) => !failed.has(id));
      world.trace(`${name} acknowledges ${done.map(({ id }) => id).join(' ') || 'nothing'}`);
      queue.acknowledge(done.map(({ id }) => id));
      world.act(name, { kind: 'acknowledged', ...told(done) });
    };
    this.#running++;
    const actor = startProcess(this.#stage, name, TIMEOUT_MS, async (process, mutant) => {
      const changed = mutant.cloud?.(cloud) ?? cloud;
      try {
        const reach = reachOf(process, world, changed, queue);
        const { batchItemFailures } = await invoke(process, messages, division, reach, world, random, mutant);
        acknowledge(new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)));
      } catch (error) {
        if (mutant.acknowledgesFailures) acknowledge(new Set());
        throw error;
      } finally {
        this.#running--;
      }
    });
    const onKilled = actor.onKilled;
    actor.onKilled = () => {
      this.#running--;
      onKilled?.();
    };
  }
}
