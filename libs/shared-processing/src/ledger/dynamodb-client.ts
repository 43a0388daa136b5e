import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** A DynamoDB client as the ledger wants it: retries are the ledger's own, and a lost answer is noticed soon. */
export function createDynamoClient(options: { maxSockets: number }): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets: options.maxSockets, keepAlive: true },
      httpsAgent: { maxSockets: options.maxSockets, keepAlive: true },
    },
  });
}
