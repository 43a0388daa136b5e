import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { ApiError } from '../apis/api.ts';
import type { QueueModel } from '../assembly/model.ts';
import type { Sqs } from './sqs.ts';

/** A task that moves messages out of a dead-letter queue, as ListMessageMoveTasks describes it. */
export interface MoveTask {
  readonly handle: string;
  readonly sourceArn: string;
  /** Undefined: each message returns to its original queue. */
  readonly destinationArn: string | undefined;
  readonly perSecond: number | undefined;
  readonly toMove: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';
  moved: number;
  failureReason?: string;
}

export interface MoveTasks {
  /** @throws ApiError as StartMessageMoveTask does */
  readonly start: (
    request: Pick<MoveTask, 'sourceArn' | 'destinationArn' | 'perSecond'>,
  ) => Promise<MoveTask>;
  /** The latest first. @throws ApiError if there is no such queue */
  readonly list: (sourceArn: string) => readonly MoveTask[];
  /** @throws ApiError if no such task is running */
  readonly cancel: (handle: string) => MoveTask;
  /** The source of a task; undefined if there is no such task. */
  readonly sourceOf: (handle: string) => string | undefined;
  readonly stop: () => Promise<void>;
}

const received = v.object({
  Messages: v.optional(
    v.array(
      v.object({
        ReceiptHandle: v.string(),
        Body: v.string(),
        Attributes: v.optional(v.object({ DeadLetterQueueSourceArn: v.optional(v.string()) }), {}),
        MessageAttributes: v.optional(v.record(v.string(), v.unknown()), {}),
      }),
    ),
    [],
  ),
});
type Message = v.InferOutput<typeof received>['Messages'][number];

/** Tasks of a queue that SQS remembers. */
const keptTasks = 10;

/**
 * Moves messages: one task per queue at a time. Each message is sent to the destination as a new one, and then deleted
 * from the source. Source: "Dead-letter queue redrive" (Amazon SQS Developer Guide).
 */
export function createMoveTasks(queues: readonly QueueModel[], sqs: Sqs): MoveTasks {
  const stopping = new AbortController();
  const tasks: MoveTask[] = [];
  const running = new Set<Promise<void>>();

  function queueOf(arn: string, parameter: string): QueueModel {
    const queue = queues.find((candidate) => candidate.arn === arn);
    if (queue) return queue;
    const reason = `The resource that you specified for the ${parameter} parameter doesn't exist.`;
    throw new ApiError('ResourceNotFoundException', reason, 404);
  }

  async function move(
    task: MoveTask,
    { Attributes, ReceiptHandle, Body, MessageAttributes }: Message,
  ): Promise<boolean> {
    const destination = task.destinationArn ?? Attributes.DeadLetterQueueSourceArn;
    const source = { QueueUrl: queueOf(task.sourceArn, 'SourceArn').url, ReceiptHandle };
    if (destination === undefined) {
      await sqs.perform('ChangeMessageVisibility', { ...source, VisibilityTimeout: 0 });
      task.failureReason = 'CouldNotDetermineMessageSource';
      return false;
    }
    const { url } = queueOf(destination, 'DestinationArn');
    await sqs.perform('SendMessage', { QueueUrl: url, MessageBody: Body, MessageAttributes });
    await sqs.perform('DeleteMessage', source);
    task.moved++;
    return true;
  }

  async function run(task: MoveTask): Promise<void> {
    const { url } = queueOf(task.sourceArn, 'SourceArn');
    while (task.status === 'RUNNING' && !stopping.signal.aborted) {
      const answer = await sqs.perform('ReceiveMessage', {
        QueueUrl: url,
        // One at a time, so that a cancelled task leaves no message hidden.
        MaxNumberOfMessages: 1,
        MessageSystemAttributeNames: ['DeadLetterQueueSourceArn'],
        MessageAttributeNames: ['All'],
      });
      const [message] = v.parse(received, answer).Messages;
      if (!message) return void (task.status = 'COMPLETED');
      if (!(await move(task, message))) return void (task.status = 'FAILED');
      if (task.perSecond === undefined) continue;
      // `stop` wakes it; the loop then ends.
      await sleep(1000 / task.perSecond, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    task.status = 'CANCELLED';
  }

  return {
    start: async (request) => {
      const { name } = queueOf(request.sourceArn, 'SourceArn');
      if (request.destinationArn !== undefined) queueOf(request.destinationArn, 'DestinationArn');
      if (!queues.some(({ deadLetterArn }) => deadLetterArn === request.sourceArn)) {
        throw new ApiError(
          'InvalidParameterValue',
          'Source queue must be configured as a Dead Letter Queue.',
        );
      }
      if (tasks.some(({ sourceArn, status }) => sourceArn === request.sourceArn && /ING$/.test(status))) {
        throw new ApiError(
          'UnsupportedOperation',
          'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
        );
      }
      const task: MoveTask = {
        ...request,
        handle: Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: request.sourceArn })).toString(
          'base64',
        ),
        toMove: sqs.depths().get(name)?.visible ?? 0,
        startedAt: Date.now(),
        status: 'RUNNING',
        moved: 0,
      };
      tasks.unshift(task);
      const end = run(task)
        .catch((error: unknown) => {
          task.status = 'FAILED';
          task.failureReason = String(error);
        })
        .finally(() => running.delete(end));
      running.add(end);
      return task;
    },
    list: (arn) => {
      queueOf(arn, 'SourceArn');
      return tasks.filter(({ sourceArn }) => sourceArn === arn).slice(0, keptTasks);
    },
    cancel: (handle) => {
      const task = tasks.find((candidate) => candidate.handle === handle);
      if (!task) throw new ApiError('ResourceNotFoundException', 'Task does not exist.', 404);
      if (task.status !== 'RUNNING') {
        throw new ApiError('UnsupportedOperation', 'Only active tasks can be cancelled.');
      }
      task.status = 'CANCELLING';
      return task;
    },
    sourceOf: (handle) => tasks.find((task) => task.handle === handle)?.sourceArn,
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
