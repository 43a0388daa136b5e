import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { call } from './call.ts';
import { proxyOf } from './proxy.ts';

/** How to reach AWS. Everything else, such as credentials, the SDK finds in environment and profile. */
export interface Access {
  region: string;
  /** Role to assume; undefined to use the credentials as they are. */
  roleArn: string | undefined;
  /** The external id that the role's trust policy demands. */
  externalId: string | undefined;
  /** Maximum number of connections. */
  maxSockets: number;
  /** Without a byte for this long, a transfer is given up, and resumed by the next attempt. ms. */
  stalledAfterMs?: number;
}

const CONNECTION_TIMEOUT_MS = 5_000;
const STALLED_AFTER_MS = 20_000;
/** A long poll is silent for 20 s. */
const LONG_POLL_STALLED_AFTER_MS = 40_000;
const ROLE_SESSION_SECONDS = 3_600;

const ignore = () => undefined;
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Clients without retries of their own: the consumer retries, and reports that it does. They use the proxy of the environment. */
export function createClients({
  region,
  roleArn,
  externalId,
  maxSockets,
  stalledAfterMs = STALLED_AFTER_MS,
}: Access): { s3: S3Client; sqs: SQSClient } {
  const proxyEnv = proxyOf(process.env);
  const agent = { maxSockets, keepAlive: true, ...(proxyEnv && { proxyEnv }) };
  const requestHandler = {
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    socketTimeout: stalledAfterMs,
    httpAgent: agent,
    httpsAgent: agent,
  };
  const unsigned = { region, maxAttempts: 1, logger: SILENT };
  const common = {
    ...unsigned,
    ...(roleArn !== undefined && {
      credentials: assumedRole(new STSClient({ ...unsigned, requestHandler }), roleArn, externalId),
    }),
  };
  return {
    s3: new S3Client({
      ...common,
      // Endpoints that are IP addresses have no names per bucket.
      forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler,
    }),
    sqs: new SQSClient({
      ...common,
      requestHandler: { ...requestHandler, socketTimeout: LONG_POLL_STALLED_AFTER_MS },
    }),
  };
}

/** Credentials of a role. The SDK asks for them again shortly before they expire. */
function assumedRole(sts: STSClient, RoleArn: string, ExternalId: string | undefined) {
  return async () => {
    const command = new AssumeRoleCommand({
      RoleArn,
      RoleSessionName: 'data-aggregator-consumer',
      DurationSeconds: ROLE_SESSION_SECONDS,
      ...(ExternalId !== undefined && { ExternalId }),
    });
    const asked = Date.now();
    const { Credentials } = await call(`AssumeRole ${RoleArn}`, () => sts.send(command));
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined) {
      throw new Error(`STS returned no credentials for ${RoleArn}`);
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken !== undefined && { sessionToken: SessionToken }),
      // Not the time that STS tells: the SDK compares it with the clock of this machine, which may be wrong.
      expiration: new Date(asked + ROLE_SESSION_SECONDS * 1000),
    };
  };
}
