import { fromEnv } from '@aws-sdk/credential-provider-env';
import type { S3ClientResolvedConfig } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from './sha256.ts';

/** Provides a request signer: an SDK client's `config.signer`, or `createSigner`. */
export type SignerProvider = S3ClientResolvedConfig['signer'];

/**
 * The SDK's signer without a client, with the credentials and region in a function's environment.
 *
 * @param service the signing name, such as `dynamodb`
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

/** @throws Error if `AWS_REGION` is not set */
export function regionOf(env: NodeJS.ProcessEnv): string {
  const region = env['AWS_REGION'];
  if (!region) throw new Error('AWS_REGION is not set');
  return region;
}
