import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SHORT_CALLS } from '../calls/index.ts';

/** A DynamoDB client as the ledger wants it: retries are the ledger's own, and a lost answer is noticed soon. */
export function createDynamoClient(options: { maxSockets: number }): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: SHORT_CALLS.connectionMs,
      requestTimeout: SHORT_CALLS.answerMs,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: options.maxSockets, keepAlive: true },
      httpsAgent: { maxSockets: options.maxSockets, keepAlive: true },
    },
  });
}
