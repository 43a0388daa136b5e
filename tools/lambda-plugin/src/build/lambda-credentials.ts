import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in for the SDK's chain of credential providers in an artifact. Lambda puts a function's credentials into its
 * environment; profiles, single sign-on and metadata services are never asked, and weigh more than a client.
 */
export const defaultProvider = () => fromEnv();
