import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { parseNotification } from '@data-aggregator/shared-processing/s3-event';
import * as v from 'valibot';
import { type Assumption, observe, type Probe, range } from '../assumption.ts';
import { NOTIFIED_PREFIX } from '../scratch.ts';

const EVENTS = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html';
const CONTENT = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html';

/** Versions of the key whose events are compared. */
const WRITES = 8;
const MAX_WAIT_SECONDS = 5;
/** Long polls that return nothing are the most frequent request. */
const POLLS = 80;
/** Of the writes whose order is known, and of the key with unusual characters. */
const ORDERED = `${NOTIFIED_PREFIX}ordered`;
const UNUSUAL = `${NOTIFIED_PREFIX}a b+c/ä%2F.txt`;

interface SeenEvent {
  key: string;
  versionId: string;
  sequencer: string;
}

/** Receives events until all versions were seen, or the time is over. */
async function receiveEvents(probe: Probe, expected: ReadonlySet<string>): Promise<SeenEvent[]> {
  const { sqs, queueUrls, pace } = probe;
  const QueueUrl = queueUrls.events;
  const WaitTimeSeconds = Math.min(MAX_WAIT_SECONDS, Math.ceil(pace.eventsMs / 1000));
  const seen: SeenEvent[] = [];
  const until = performance.now() + pace.eventsMs;
  const missing = new Set(expected);
  for (let polls = 0; missing.size > 0 && polls < POLLS && performance.now() < until; polls++) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds }),
    );
    for (const { Body = '', ReceiptHandle } of Messages) {
      for (const event of eventsIn(Body)) {
        seen.push(event);
        missing.delete(event.versionId);
      }
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  return seen;
}

const sequencers = v.object({
  Records: v.array(
    v.object({ s3: v.object({ object: v.object({ sequencer: v.optional(v.string(), '') }) }) }),
  ),
});

/** As the aggregator reads them, and their sequencers. S3's test message has none. */
function eventsIn(body: string): SeenEvent[] {
  const notification = parseNotification(body);
  if (notification.kind !== 'records') return [];
  const { Records } = v.parse(sequencers, JSON.parse(body));
  return notification.records.flatMap((record, index) => {
    if (record.kind !== 'landed' || record.landed.version.kind !== 'id') return [];
    const { key, version } = record.landed;
    return [{ key, versionId: version.versionId, sequencer: Records[index]?.s3.object.sequencer ?? '' }];
  });
}

async function write({ s3, names }: Probe, Key: string, Body: string): Promise<string> {
  const { VersionId = '' } = await s3.send(new PutObjectCommand({ Bucket: names.bucket, Key, Body }));
  return VersionId;
}

/** Sequencers are compared as text, after the shorter one was padded on the right. */
function padded(sequencer: string): string {
  return sequencer.padEnd(32, '0');
}

export const eventAssumptions: readonly Assumption[] = [
  {
    name: 'events-arrive',
    assumption:
      'S3 sends at least one event for every version to the queue, with its key form-encoded once and its version id; some twice, and in any order.',
    source: EVENTS,
    requests: { s3Put: WRITES + 1, sqs: POLLS + 2 * (WRITES + 1) },
    async check(probe) {
      const versions = [await write(probe, UNUSUAL, 'unusual')];
      for (const n of range(WRITES)) versions.push(await write(probe, ORDERED, `write ${n}`));
      const events = await receiveEvents(probe, new Set(versions));
      const arrived = new Set(events.map(({ versionId }) => versionId));
      const missing = versions.filter((version) => !arrived.has(version)).length;
      const unusual = events.find(({ versionId }) => versionId === versions[0])?.key;
      const order = events.map(({ versionId }) => versions.indexOf(versionId));
      const isInOrder = order.every((position, index) => index === 0 || position >= (order[index - 1] ?? 0));
      return observe(
        missing === 0 && unusual === UNUSUAL,
        `${versions.length - missing} of ${versions.length} arrived, ${events.length - arrived.size} repeated, ` +
          `${isInOrder ? 'in order' : 'out of order'}; key ${JSON.stringify(unusual)}`,
      );
    },
  },
  {
    name: 'sequencer-orders',
    assumption:
      'Of two events of one key, the later write has the greater sequencer, compared as text padded on the right with zeros.',
    source: CONTENT,
    requests: { s3Put: WRITES, sqs: POLLS + 2 * WRITES },
    async check(probe) {
      const versions: string[] = [];
      for (const n of range(WRITES)) versions.push(await write(probe, ORDERED, `again ${n}`));
      const events = await receiveEvents(probe, new Set(versions));
      const sequencers = versions.map(
        (version) => events.find((event) => event.versionId === version)?.sequencer,
      );
      if (sequencers.some((sequencer) => sequencer === undefined)) {
        return { outcome: 'not-tested', observed: `events did not arrive within ${probe.pace.eventsMs} ms` };
      }
      const found = sequencers.map((sequencer) => padded(sequencer ?? ''));
      const isIncreasing = found.every((one, index) => index === 0 || one > (found[index - 1] ?? ''));
      return observe(isIncreasing, `${sequencers[0]} … ${sequencers.at(-1)}, ${found.length} writes`);
    },
  },
];
