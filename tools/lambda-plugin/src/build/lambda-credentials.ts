import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Replaces the SDK's chain of credential providers in artifacts. Lambda passes credentials in the environment; the code
 * for profiles, single sign-on and metadata services is never used, and is larger than a client.
 */
export const defaultProvider = () => fromEnv();
