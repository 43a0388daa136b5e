import type { Context } from '../app/component.ts';
import { bucketName, constructId, queueName, queueUrl } from '../conventions/names.ts';
import { outputs } from '../conventions/outputs.ts';
import { readyQueues } from '../conventions/ready-queues.ts';
import { accessLogs } from './access-logs.ts';
import { notifications } from './notifications.ts';
import { archive } from './archive.ts';
import { consumerRole, groupConsumerRoles } from './consumer-role.ts';
import { distribution } from './distribution.ts';
import { landing } from './landing.ts';
import { ledger } from './ledger.ts';

/** All resources with data: buckets, queues and the ledger. */
export function stateful(context: Context): void {
  const routed = notifications(context);
  const logs = accessLogs(context);
  const archived = archive(context, routed, logs);
  distribution(context, routed, archived, logs);
  landing(context, routed, logs);
  const consumer = consumerRole(context);
  const ofGroups = groupConsumerRoles(context).map((role) => [`${role.node.id}Arn`, role.roleArn]);
  const table = ledger(context);
  const { name } = context.environment;
  const ready = readyQueues(context.environment).map((queue) => [
    `${constructId(queue.name.replace('ready', 'ready-queue-url'))}`,
    queueUrl(queueName(name, queue.name)),
  ]);
  outputs(context.scope, {
    LandingBucket: bucketName(name, 'landing'),
    DistributionBucket: bucketName(name, 'distribution'),
    ArchiveBucket: bucketName(name, 'archive'),
    ConsumerRoleArn: consumer.roleArn,
    ...(Object.fromEntries([...ready, ...ofGroups]) as Record<string, string>),
    LedgerTable: table.ref,
  });
}
