import { bucketArn } from '../assembly/identity.ts';
import type { CloudModel, ReplicationModel } from '../assembly/model.ts';
import type { ObjectEvent, S3 } from '../s3/index.ts';
import type { Authorizer } from '../iam/authorizer.ts';

/** Replicates new objects as configured by their bucket's rules. */
export interface Replication {
  readonly replicate: (event: ObjectEvent) => void;
  /** Number of replicas under way. */
  readonly pending: () => number;
  /** Resolves once all of them have succeeded or failed. */
  readonly settled: () => Promise<void>;
}

export interface ReplicationOptions {
  readonly model: CloudModel;
  readonly authorizer: Authorizer;
  readonly copy: S3['replicate'];
  readonly onFailure: (reason: string) => void;
}

type Rule = ReplicationModel['rules'][number];

/** The permissions that a replication role needs: read the version, write the replica. */
function permissions(
  { bucket, key }: ObjectEvent,
  destinationArn: string,
): [action: string, resource: string][] {
  return [
    ['s3:GetObjectVersionForReplication', `${bucketArn(bucket)}/${key}`],
    ['s3:ReplicateObject', `${destinationArn}/${key}`],
  ];
}

/** Creates the replicator. Deletions, delete markers and replicas themselves are not replicated. */
export function createReplication({ model, authorizer, copy, onFailure }: ReplicationOptions): Replication {
  const pending = new Set<Promise<void>>();

  function start(
    event: ObjectEvent,
    versionId: string,
    { bucketArn: destinationArn, storageClass }: Rule,
    roleArn: string,
  ): void {
    const failed = (reason: string) => onFailure(`${event.bucket}/${event.key} is not replicated: ${reason}`);
    const missing = permissions(event, destinationArn).find(
      ([action, resource]) => !authorizer.authorizeRole(roleArn, action, resource).allowed,
    );
    if (missing) return failed(`${roleArn} is not authorized to perform ${missing[0]} on ${missing[1]}`);
    const { bucket, key } = event;
    const to = destinationArn.slice(bucketArn('').length);
    const copying = copy({ bucket, key, versionId, to, storageClass })
      .catch((error: unknown) => failed(error instanceof Error ? error.message : String(error)))
      .finally(() => pending.delete(copying));
    pending.add(copying);
  }

  return {
    replicate: (event) => {
      if (!event.name.startsWith('ObjectCreated:') || event.versionId === undefined) return;
      const configured = model.buckets.find(({ name }) => name === event.bucket)?.replication;
      if (!configured) return;
      for (const rule of configured.rules) {
        if (event.key.startsWith(rule.prefix)) start(event, event.versionId, rule, configured.roleArn);
      }
    },
    pending: () => pending.size,
    settled: async () => {
      await Promise.all(pending);
    },
  };
}
