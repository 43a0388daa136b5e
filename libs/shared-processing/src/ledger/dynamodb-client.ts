import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Milliseconds in which a connection must come about. */
export const CONNECTION_TIMEOUT_MS = 2_000;
/** Milliseconds in which an answer must come. */
export const ANSWER_TIMEOUT_MS = 5_000;

/** A DynamoDB client as the ledger wants it: retries are the ledger's own, and a lost answer is noticed soon. */
export function createDynamoClient(options: { maxSockets: number }): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout: ANSWER_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: options.maxSockets, keepAlive: true },
      httpsAgent: { maxSockets: options.maxSockets, keepAlive: true },
    },
  });
}
