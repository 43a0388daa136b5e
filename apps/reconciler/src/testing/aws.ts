import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type StandIn, standInForAws } from '@data-aggregator/shared-processing/testing';

/** The part of AWS that the reconciler uses: a landing bucket, the ledger's table, a queue, and X-Ray. */
export interface Aws extends StandIn {
  /** The landing bucket's only object; ms since the epoch. */
  landed: { key: string; at: number };
  /** Called for each page of the listing. @returns whether another page follows */
  onPage: () => boolean;
  /** Whether the queue accepts messages. */
  isQueueOpen: boolean;
  /** Bodies of the messages that the queue has accepted. */
  sent: string[];
  /** Documents that X-Ray has received. */
  spans: string[];
  /** Empties the table and everything received. */
  reset(): void;
}

/** Starts the stand-in. */
export async function startAws(): Promise<Aws> {
  const table = new Map<string, unknown>();
  const server = createServer(async (request, response) => {
    respond(request, await text(request), response);
  });

  function respond({ method, url = '', headers }: IncomingMessage, body: string, response: ServerResponse) {
    if (method === 'GET') return response.end(page(aws.landed, aws.onPage()));
    if (url === '/v1/traces') {
      aws.spans.push(body);
      return response.end('{}');
    }
    const [, operation] = String(headers['x-amz-target']).split('.');
    const input = JSON.parse(body) as Partial<Input>;
    if (operation === 'SendMessageBatch' && !aws.isQueueOpen) {
      return response.writeHead(403).end(JSON.stringify({ __type: 'AccessDenied' }));
    }
    return response.end(JSON.stringify(output(operation, input)));
  }

  function output(operation: string | undefined, { Key, Item, Entries = [] }: Partial<Input>) {
    if (operation === 'GetItem') return { Item: table.get(String(Key?.id.S)) };
    if (operation === 'DeleteItem') table.delete(String(Key?.id.S));
    if (operation === 'PutItem') table.set(String(Item?.id.S), Item);
    aws.sent.push(...Entries.map(({ MessageBody }) => MessageBody));
    return { Successful: Entries };
  }

  const aws: Aws = {
    ...(await standInForAws(server)),
    landed: { key: 'a', at: 0 },
    onPage: () => false,
    isQueueOpen: true,
    sent: [],
    spans: [],
    reset() {
      table.clear();
      Object.assign(aws, { onPage: () => false, isQueueOpen: true, sent: [], spans: [] });
    },
  };
  return aws;
}

interface Input {
  Key: { id: { S: string } };
  Item: { id: { S: string } };
  Entries: { Id: string; MessageBody: string }[];
}

function page({ key, at }: Aws['landed'], isTruncated: boolean): string {
  return `<?xml version="1.0"?>
<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <IsTruncated>${isTruncated}</IsTruncated>
  <NextKeyMarker>${key}</NextKeyMarker><NextVersionIdMarker>v1</NextVersionIdMarker>
  <Version>
    <Key>${key}</Key><VersionId>v1</VersionId><IsLatest>true</IsLatest><ETag>"e"</ETag><Size>1</Size>
    <LastModified>${new Date(at).toISOString()}</LastModified><StorageClass>STANDARD</StorageClass>
  </Version>
</ListVersionsResult>`;
}
