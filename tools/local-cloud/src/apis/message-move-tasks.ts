import * as v from 'valibot';
import type { QueueModel } from '../assembly/model.ts';
import type { MoveTask, MoveTasks } from '../services/move-tasks.ts';
import { operation, wholeNumber, type Api, type Operation } from './api.ts';

const started = v.strictObject({
  SourceArn: v.string(),
  DestinationArn: v.optional(v.string()),
  MaxNumberOfMessagesPerSecond: v.optional(wholeNumber(1, 500)),
});
const listed = v.strictObject({ SourceArn: v.string(), MaxResults: v.optional(wholeNumber(1, 10), 1) });
const cancelled = v.strictObject({ TaskHandle: v.string() });

const invalid = 'InvalidParameterValue';

/** StartMessageMoveTask, ListMessageMoveTasks and CancelMessageMoveTask of SQS. */
export function messageMoveTasksApi(queues: readonly QueueModel[], tasks: MoveTasks): Api {
  const onSource = (name: string) => ({
    action: `sqs:${name}`,
    invalid,
    resources: ({ SourceArn }: { readonly SourceArn: string }) => [SourceArn],
  });
  const start = operation(started, onSource('StartMessageMoveTask'), async (input) => {
    const { handle } = await tasks.start({
      sourceArn: input.SourceArn,
      destinationArn: input.DestinationArn,
      perSecond: input.MaxNumberOfMessagesPerSecond,
    });
    return { TaskHandle: handle };
  });
  return {
    StartMessageMoveTask: {
      ...start,
      permissions: (input) => [...start.permissions(input), ...movePermissions(input, queues)],
    },
    ListMessageMoveTasks: operation(
      listed,
      onSource('ListMessageMoveTasks'),
      ({ SourceArn, MaxResults }) => ({
        Results: tasks.list(SourceArn).slice(0, MaxResults).map(describe),
      }),
    ),
    CancelMessageMoveTask: operation(
      cancelled,
      {
        action: 'sqs:CancelMessageMoveTask',
        invalid,
        resources: ({ TaskHandle }) => [tasks.sourceOf(TaskHandle) ?? '*'],
      },
      ({ TaskHandle }) => ({ ApproximateNumberOfMessagesMoved: tasks.cancel(TaskHandle).moved }),
    ),
  };
}

/** The permissions on the queues that starting a task also requires. Source: "Configuring queue permissions" for redrive (SQS Developer Guide). */
function movePermissions(
  input: unknown,
  queues: readonly QueueModel[],
): ReturnType<Operation['permissions']> {
  const parsed = v.safeParse(started, input);
  if (!parsed.success) return [];
  const { SourceArn, DestinationArn } = parsed.output;
  const destinations =
    DestinationArn === undefined
      ? queues.filter(({ deadLetterArn }) => deadLetterArn === SourceArn).map(({ arn }) => arn)
      : [DestinationArn];
  return [
    ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((name) => ({
      action: `sqs:${name}`,
      resource: SourceArn,
    })),
    ...destinations.map((resource) => ({ action: 'sqs:SendMessage', resource })),
  ];
}

function describe({
  handle,
  sourceArn,
  destinationArn,
  perSecond,
  toMove,
  startedAt,
  status,
  moved,
  failureReason,
}: MoveTask) {
  return {
    ...(status === 'RUNNING' && { TaskHandle: handle }),
    SourceArn: sourceArn,
    DestinationArn: destinationArn,
    MaxNumberOfMessagesPerSecond: perSecond,
    ApproximateNumberOfMessagesToMove: toMove,
    ApproximateNumberOfMessagesMoved: moved,
    StartedTimestamp: startedAt,
    Status: status,
    FailureReason: failureReason,
  };
}
