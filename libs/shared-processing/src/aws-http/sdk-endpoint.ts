/** Where a service takes requests, and the headers that every one of them carries. */
export interface Endpoint {
  protocol: string;
  hostname: string;
  port?: number;
  path: string;
  headers: Record<string, string>;
}

/** The headers that are the same for every request of a service. */
const LASTING_HEADERS = ['host', 'user-agent', 'x-amz-expected-bucket-owner'];

/** The part of an SDK command that can look at the request it makes. */
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
 * Asks the SDK where a command would be sent, by its rules for endpoints, regions and settings, without sending it.
 *
 * @param send gives the command to its client
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
  if (!seen) throw new Error('the SDK made no request');
  const { protocol, hostname, port, path, headers } = seen;
  return {
    protocol,
    hostname,
    ...(port !== undefined && { port }),
    path,
    headers: Object.fromEntries(
      LASTING_HEADERS.flatMap((name) => {
        const value = headers[name];
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}
