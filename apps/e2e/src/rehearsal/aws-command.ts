import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as cloudformation from '@aws-sdk/client-cloudformation';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as events from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import * as sts from '@aws-sdk/client-sts';
import { search } from '@aws-lambda-powertools/jmespath';
import { NormalizedSchema } from '@smithy/core/schema';
import { inputOf } from './aws-options.ts';

/*
 * The parts of the AWS CLI that the pages use, on the SDK for JavaScript, because a new machine has no AWS CLI. Operations and
 * options come from the SDK's schemas, so that an unknown option is an error, as in the CLI.
 */

const services: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  cloudformation,
  cloudwatch,
  events,
  lambda,
  logs,
  s3api: s3,
  sqs,
  sts,
};

interface Command {
  readonly schema: readonly unknown[];
}
interface Client {
  readonly send: (command: Command) => Promise<Record<string, unknown>>;
  readonly destroy: () => void;
}

/** An operation of a service with the client that performs it. */
export interface Operation {
  readonly client: new (config: object) => Client;
  readonly command: new (input: object) => Command;
}

/** `describe-alarms` → `DescribeAlarms` */
const pascal = (kebab: string) =>
  kebab.replaceAll(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Finds an operation by its CLI name: `lambda list-event-source-mappings`. @throws Error if there is none */
export function operationOf(service: string, name: string): Operation {
  const client = services[service];
  if (!client) throw new Error(`aws: there is no service "${service}" here`);
  const wanted = `${pascal(name)}Command`.toLowerCase();
  const command = Object.entries(client).find(([exported]) => exported.toLowerCase() === wanted)?.[1];
  // The client itself, next to its base class.
  const constructor = Object.entries(client).find(([exported]) => /^[A-Z]\w*Client$/.test(exported))?.[1];
  if (command === undefined) throw new Error(`aws: ${service} has no operation "${name}"`);
  return { client: constructor, command } as Operation;
}

/**
 * Runs a command of the AWS CLI.
 *
 * @param words the arguments of `aws`
 * @param config of the SDK's clients
 * @param cwd the folder for relative output files
 * @returns its output
 * @throws Error for an invalid command, and the service's errors
 */
export async function runAws(
  words: readonly string[],
  { config, cwd }: { readonly config: object; readonly cwd: string },
): Promise<string> {
  const [service = '', name = '', ...rest] = words;
  const { client: Client, command: Command } = operationOf(service, name);
  const schema = NormalizedSchema.of(new Command({}).schema[4] as Parameters<typeof NormalizedSchema.of>[0]);
  const { input, query, output, outfile } = inputOf(rest, schema);
  const client = new Client(config);
  try {
    const { $metadata: _, Body, ...answer } = await client.send(new Command(input));
    if (outfile !== undefined) await writeFile(resolve(cwd, outfile), await bytesOf(Body));
    const document = JSON.parse(JSON.stringify(answer)) as Record<string, never>;
    const shown: unknown = query === undefined ? document : search(query, document);
    if (query !== undefined && (shown === null || shown === undefined)) {
      throw new Error(`aws ${words.join(' ')}: the query finds nothing in ${JSON.stringify(document)}`);
    }
    return output === 'text' ? `${asText(shown)}\n` : `${JSON.stringify(shown, null, 4)}\n`;
  } finally {
    client.destroy();
  }
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  const { transformToByteArray } = body as { transformToByteArray?: () => Promise<Uint8Array> };
  if (!transformToByteArray) throw new Error('aws: the answer has no body to write');
  return transformToByteArray();
}

/** Rows as lines, with values separated by tabs. */
function asText(shown: unknown): string {
  if (!Array.isArray(shown)) return typeof shown === 'object' ? JSON.stringify(shown) : String(shown);
  if (shown.some((item) => Array.isArray(item))) return shown.map(asText).join('\n');
  return shown.map((item: unknown) => (item === null ? 'None' : asText(item))).join('\t');
}
