import { sdkEndpoint, type Command, type Endpoint } from './sdk-endpoint.ts';
import { environmentEndpoint } from './environment-endpoint.ts';
import { createSigner, type SignerProvider } from './signer.ts';

/** How to reach a service: its endpoint and a signer. */
export interface ServiceAccess {
  /** Called with the first request, so that a wrong setting fails that request and not the start. */
  endpoint: () => Endpoint | Promise<Endpoint>;
  signer: SignerProvider;
}

/**
 * Access with the credentials and region in a function's environment, without an SDK client.
 *
 * @param service as in the host name, such as `dynamodb`
 * @param regional the endpoint unless the environment sets another; by default the service's endpoint in the region
 */
export function environmentAccess(service: string, regional?: () => string): ServiceAccess {
  return { endpoint: () => environmentEndpoint(service, regional), signer: createSigner(service) };
}

/**
 * Access as an SDK client has it, with its profile, region and endpoint rules.
 *
 * @param client the client
 * @param command any operation of the service, used to find the endpoint; it is not sent
 * @param send passes the command to the client
 */
export function clientAccess<C extends Command>(
  client: { config: { signer: SignerProvider } },
  command: C,
  send: (command: C) => Promise<unknown>,
): ServiceAccess {
  let address: Promise<Endpoint> | undefined;
  return {
    endpoint() {
      address ??= sdkEndpoint(command, send);
      // Do not cache a failure: the next call tries again.
      address.catch(() => (address = undefined));
      return address;
    },
    signer: client.config.signer,
  };
}
