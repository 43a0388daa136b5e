import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

/** How to reach AWS. Everything else, such as credentials, the SDK finds in environment and profile. */
export interface Access {
  region: string;
  /** Role to assume; undefined to use the credentials as they are. */
  roleArn: string | undefined;
  /** The external id that the role's trust policy demands. */
  externalId: string | undefined;
  /** Maximum number of connections. */
  maxSockets: number;
}

const CONNECTION_TIMEOUT_MS = 5_000;
/** Without a byte for this long, a transfer is given up and resumed. */
const STALLED_AFTER_MS = 20_000;
/** A long poll is silent for 20 s. */
const LONG_POLL_STALLED_AFTER_MS = 40_000;
const ROLE_SESSION_SECONDS = 3_600;

const ignore = () => undefined;
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Clients without retries of their own: the consumer retries, and reports that it does. */
export function createClients({ region, roleArn, externalId, maxSockets }: Access): {
  s3: S3Client;
  sqs: SQSClient;
} {
  const credentials = roleArn === undefined ? {} : { credentials: assumedRole(region, roleArn, externalId) };
  const common = { region, maxAttempts: 1, logger: SILENT, ...credentials };
  const agent = { maxSockets, keepAlive: true };
  return {
    s3: new S3Client({
      ...common,
      // Endpoints that are IP addresses have no names per bucket.
      forcePathStyle: process.env['AWS_ENDPOINT_URL'] !== undefined,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: CONNECTION_TIMEOUT_MS,
        socketTimeout: STALLED_AFTER_MS,
        httpAgent: agent,
        httpsAgent: agent,
      },
    }),
    sqs: new SQSClient({
      ...common,
      requestHandler: { connectionTimeout: CONNECTION_TIMEOUT_MS, socketTimeout: LONG_POLL_STALLED_AFTER_MS },
    }),
  };
}

/** Credentials of a role. The SDK asks for them again shortly before they expire. */
function assumedRole(region: string, RoleArn: string, ExternalId: string | undefined) {
  const sts = new STSClient({ region, maxAttempts: 1, logger: SILENT });
  return async () => {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn,
        RoleSessionName: 'data-aggregator-consumer',
        DurationSeconds: ROLE_SESSION_SECONDS,
        ...(ExternalId !== undefined && { ExternalId }),
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined) {
      throw new Error(`STS returned no credentials for ${RoleArn}`);
    }
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      ...(SessionToken !== undefined && { sessionToken: SessionToken }),
      ...(Expiration !== undefined && { expiration: Expiration }),
    };
  };
}
