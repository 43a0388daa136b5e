import { fromEnv } from '@aws-sdk/credential-provider-env';
import type { S3ClientResolvedConfig } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from './sha256.ts';

/** Gives what signs requests: a client's `config.signer`, or one that was made without a client. */
export type SignerProvider = S3ClientResolvedConfig['signer'];

/**
 * The SDK's signer by itself, for a service whose client is not needed: with the credentials and the region that Lambda
 * puts into a function's environment.
 *
 * @param service the name that requests are signed for, such as `dynamodb`
 */
export function createSigner(service: string): SignerProvider {
  const signer = new SignatureV4({
    service,
    region: async () => regionOf(process.env),
    credentials: fromEnv(),
    sha256: Sha256,
  });
  return async () => signer;
}

/** @throws where it is not set */
export function regionOf(env: NodeJS.ProcessEnv): string {
  const region = env['AWS_REGION'];
  if (!region) throw new Error('AWS_REGION is not set');
  return region;
}
