/** Where to send a service's requests, and the headers that all of them need. */
export interface Endpoint {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  headers: Record<string, string>;
}

/** Headers that are the same in every request to a service. */
const CONSTANT_HEADERS = ['host', 'user-agent', 'x-amz-expected-bucket-owner'];

/** The part of an SDK command that gives access to its request. */
export interface Command {
  middlewareStack: {
    add(
      middleware: () => (args: {
        request: unknown;
      }) => Promise<{ response: unknown; output: { $metadata: object } }>,
      options: { step: 'finalizeRequest'; priority: 'high'; name: string; override: boolean },
    ): void;
  };
}

/**
 * Finds out where the SDK would send a command, by its rules for endpoints, regions and settings, without sending it.
 *
 * @param send passes the command to its client
 */
export async function sdkEndpoint<C extends Command>(
  command: C,
  send: (command: C) => Promise<unknown>,
): Promise<Endpoint> {
  let seen: Endpoint | undefined;
  command.middlewareStack.add(
    () => async (args) => {
      seen = args.request as Endpoint;
      return { response: undefined, output: { $metadata: {} } };
    },
    { step: 'finalizeRequest', priority: 'high', name: 'neverSent', override: true },
  );
  await send(command);
  if (!seen) throw new Error('the SDK built no request');
  const { protocol, hostname, port, path, headers } = seen;
  return {
    protocol,
    hostname,
    ...(port !== undefined && { port }),
    path,
    headers: Object.fromEntries(
      CONSTANT_HEADERS.flatMap((name) => {
        const value = headers[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}
