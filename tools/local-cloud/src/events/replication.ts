import { Agent, request, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { bucketArn } from '../assembly/identity.ts';
import type { CloudModel } from '../assembly/model.ts';
import type { Credentials } from '../gateway/credentials.ts';
import type { ObjectEvent } from '../s3/index.ts';
import type { Authority } from '../services/authority.ts';

/** Copies new objects to where their bucket's replication rules say. */
export interface Replication {
  readonly replicate: (event: ObjectEvent) => void;
  readonly settled: () => Promise<void>;
  readonly pending: () => number;
  readonly stop: () => void;
}

export interface ReplicationOptions {
  readonly model: CloudModel;
  readonly endpoint: string;
  readonly region: string;
  /** Copies are made with these; what they make is a replica, and not replicated again. */
  readonly credentials: Credentials;
  readonly authority: Authority;
  readonly onFailure: (reason: string) => void;
}

/** Headers of an object that its replica has as well. */
const carried =
  /^(content-(type|encoding|language|disposition)|cache-control|expires|x-amz-meta-.+|x-amz-checksum-sha256)$/;

export function createReplication(options: ReplicationOptions): Replication {
  const { model, endpoint, region, credentials, authority, onFailure } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const pending = new Set<Promise<void>>();
  const stopping = new AbortController();

  function open(method: string, path: string, headers: OutgoingHttpHeaders) {
    return request(`${endpoint}${path}`, {
      method,
      agent,
      signal: stopping.signal,
      headers: {
        ...headers,
        'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
        authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20200101/${region}/s3/aws4_request, SignedHeaders=host, Signature=none`,
      },
    });
  }

  const answerOf = (sent: ReturnType<typeof open>) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve);
      sent.on('error', reject);
    });

  async function copy({ bucket, key, versionId }: ObjectEvent, destination: string): Promise<void> {
    const path = encodeURIComponent(key).replaceAll('%2F', '/');
    const version = versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`;
    const reading = open('GET', `/${bucket}/${path}${version}`, { 'x-amz-checksum-mode': 'ENABLED' });
    reading.end();
    const source = await answerOf(reading);
    if (source.statusCode !== 200) throw new Error(`reading it: ${await text(source)}`);
    const headers: OutgoingHttpHeaders = { 'content-length': source.headers['content-length'] };
    for (const [name, value] of Object.entries(source.headers)) if (carried.test(name)) headers[name] = value;
    const writing = open('PUT', `/${destination}/${path}`, headers);
    const [answer] = await Promise.all([answerOf(writing), pipeline(source, writing)]);
    const body = await text(answer);
    if (answer.statusCode !== 200) throw new Error(`writing the replica: ${body}`);
  }

  function start(event: ObjectEvent, destinationArn: string, roleArn: string): void {
    const destination = destinationArn.replace(bucketArn(''), '');
    const replica = `${destinationArn}/${event.key}`;
    const failed = (reason: string) => onFailure(`${event.bucket}/${event.key} is not replicated: ${reason}`);
    for (const [action, resource] of [
      ['s3:GetObjectVersionForReplication', `${bucketArn(event.bucket)}/${event.key}`],
      ['s3:ReplicateObject', replica],
    ] as const) {
      if (!authority.askForRole(roleArn, action, resource).allowed) {
        return failed(`${roleArn} is not authorized to perform ${action} on ${resource}`);
      }
    }
    const copying = copy(event, destination)
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) failed(error instanceof Error ? error.message : String(error));
      })
      .finally(() => pending.delete(copying));
    pending.add(copying);
  }

  return {
    replicate: (event) => {
      // Delete markers and deletions stay where they are; a replica is the end of the line.
      if (!event.name.startsWith('ObjectCreated:') || event.accessKeyId === credentials.accessKeyId) return;
      const rules = model.buckets.find(({ name }) => name === event.bucket)?.replication;
      for (const { prefix, bucketArn: destination } of rules?.rules ?? []) {
        if (rules && event.key.startsWith(prefix)) start(event, destination, rules.roleArn);
      }
    },
    settled: async () => {
      await Promise.all(pending);
    },
    pending: () => pending.size,
    stop: () => {
      stopping.abort();
      agent.destroy();
    },
  };
}
