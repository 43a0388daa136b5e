import {
  type Case,
  casesOf,
  type DeadLetters,
  drop,
  type ReceivedLetter,
  redrive,
  withAllLetters,
} from '@data-aggregator/operations/quarantine';
import { createQueueSender } from '@data-aggregator/shared-processing/sqs';
import type { Reach } from '../services/reach.ts';
import { callOf, reachOf } from '../services/reach.ts';
import { receiptOf } from '../services/sqs.ts';
import type { Actor } from '../services/world.ts';
import { BUCKETS, CLAIM_RETENTION_MS, TIMEOUT_MS } from '../settings.ts';
import { objectsIn } from '../services/cloud.ts';
import { ignore, rulesOf, type Stage, startProcess } from './stage.ts';

/** What the operator's commands call. */
export interface OperatorReach extends Reach {
  deadLetters: DeadLetters;
}

/** As in the command: long enough to read a full queue. */
const HIDDEN_MS = 600_000;
const MAX_LETTERS = 100;

/** Starts `quarantine redrive` or `quarantine drop` for some of the cases. */
export function startOperator(stage: Stage, name: string, command: 'redrive' | 'drop'): void {
  const { world, cloud, random } = stage;
  startProcess(stage, name, 10 * TIMEOUT_MS, async (actor, mutant) => {
    const rules = rulesOf(world.clockOf(actor));
    const plain: OperatorReach = {
      ...reachOf(actor, world, cloud, cloud.queue),
      deadLetters: deadLettersOf(stage, actor),
    };
    const { deadLetters, store, table, sendToQueue } = mutant.operator?.(plain) ?? plain;
    await withAllLetters(deadLetters, MAX_LETTERS, async (letters, remove) => {
      for (const one of casesOf(letters).filter(() => random.chance(0.7))) {
        world.trace(`${name}: ${command} of ${one.reason}, ${one.letters.length} letters`);
        if (command === 'redrive') {
          const queue = createQueueSender(sendToQueue, { ...rules, onError: ignore });
          const { sent } = await redrive(one, { ...rules, queue, table, remove });
          if (sent) world.act(name, { kind: 'redriven', objects: objectsOf(one) });
        } else {
          const dependencies = { ...rules, store, table, remove, archive: BUCKETS.archive };
          await drop(one, 'not needed', { ...dependencies, claimRetentionMs: CLAIM_RETENTION_MS });
          world.act(name, { kind: 'dropped', objects: objectsOf(one) });
        }
      }
    });
  });
}

function objectsOf({ letters }: Case): readonly string[] {
  return [...new Set(letters.flatMap(({ body }) => objectsIn(body)))];
}

/** The dead-letter queue as the command calls it. */
function deadLettersOf({ world, cloud: { deadLetters: queue } }: Stage, actor: Actor): DeadLetters {
  const call = callOf(actor, world);
  return {
    receive: () =>
      call('ReceiveMessage dead letters', true, async () =>
        queue
          .receive(queue.visible(world.now).slice(0, 10), actor.name, world.now, HIDDEN_MS)
          .map((message): ReceivedLetter => {
            const { id, body, attributes, sentAt } = message;
            return { id, handle: receiptOf(message), body, attributes, sentAt };
          }),
      ),
    async giveBack(letters) {
      const changes = letters.map(({ handle }) => ({ receiptHandle: handle, seconds: 0 }));
      if (changes.length === 0) return;
      await call('ChangeMessageVisibility dead letters', true, () =>
        queue.changeVisibility(changes, world.now),
      );
    },
    remove: (letters) =>
      call('DeleteMessage dead letters', true, async () => {
        const messages = letters.map(({ id }) => id);
        queue.acknowledge(messages);
        const objects = [...new Set(letters.flatMap(({ body }) => objectsIn(body)))];
        world.act(actor.name, { kind: 'acknowledged', queue: 'dead-letters', messages, objects });
        return [];
      }),
  };
}
