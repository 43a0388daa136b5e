import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { nativeClient, nodeFlags, startRuntimeApi } from '@data-aggregator/local-cloud/runtime';

/** A function to start: `handler` is Lambda's `file.export` in `codeFolder`. */
export interface FunctionCode {
  codeFolder: string;
  handler: string;
  environment: Record<string, string>;
  /** Flags for Node in addition to Lambda's. */
  flags?: readonly string[];
}

export interface FunctionProcess {
  /** Milliseconds from the start of the process until it first polls for work. */
  readonly firstPollMs: Promise<number>;
  /** Runs one invocation and returns its response. @throws Error if the function fails or its process ends */
  invoke(event: unknown): Promise<unknown>;
  /** Ends the process; resolves when it has ended. */
  stop(): Promise<void>;
}

const MEMORY_MB = 512;
const TIMEOUT_MS = 900_000;
const LAST_LINES = 20;

/** Starts a function under Lambda's runtime client, in its own process with the flags for 512 MB. */
export async function startFunction({
  codeFolder,
  handler,
  environment,
  flags = [],
}: FunctionCode): Promise<FunctionProcess> {
  let settle: { resolve: (answer: string) => void; reject: (error: Error) => void } | undefined;
  const polled = Promise.withResolvers<number>();
  // If nobody awaits this promise, the invocation reports the failure.
  polled.promise.catch(() => undefined);
  let isOver: Error | undefined;
  let output: string[] = [];
  const fail = (detail: string) => {
    const error = new Error(`the function failed: ${detail}\n${output.join('')}`);
    polled.reject(error);
    settle?.reject(error);
    return error;
  };

  const api = await startRuntimeApi('arn:aws:lambda:eu-west-2:000000000000:function:bench', {
    onNext: () => polled.resolve(performance.now() - started),
    onResponse: (_id, payload) => settle?.resolve(payload),
    onError: (_id, payload) => void fail(payload),
    onInitError: (payload) => void fail(payload),
  });
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [
      ...nodeFlags(MEMORY_MB),
      ...flags,
      '--require',
      nativeClient,
      createRequire(import.meta.url).resolve('aws-lambda-ric'),
    ],
    {
      cwd: codeFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        ...environment,
        _HANDLER: handler,
        LAMBDA_TASK_ROOT: codeFolder,
        AWS_LAMBDA_RUNTIME_API: api.address,
        AWS_LAMBDA_FUNCTION_NAME: 'bench',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(MEMORY_MB),
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/bench',
        AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
        AWS_REGION: 'eu-west-2',
        AWS_ACCESS_KEY_ID: 'bench',
        AWS_SECRET_ACCESS_KEY: 'bench',
        AWS_EC2_METADATA_DISABLED: 'true',
      },
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output = [...output, chunk.toString()].slice(-LAST_LINES)));
  }
  const ended = new Promise<void>((resolve) =>
    child.once('close', (code, signal) => {
      api.close();
      isOver = fail(`its process ended (${signal ?? code})`);
      resolve();
    }),
  );
  const endWithUs = () => void child.kill('SIGKILL');
  process.once('exit', endWithUs);
  let invocations = 0;

  return {
    firstPollMs: polled.promise,
    async invoke(event) {
      if (isOver) throw isOver;
      const answer = await new Promise<string>((resolve, reject) => {
        settle = { resolve, reject };
        api.offer({
          requestId: `bench-${invocations++}`,
          payload: JSON.stringify(event),
          deadline: Date.now() + TIMEOUT_MS,
          traceId: 'Root=1-00000000-000000000000000000000000;Sampled=0',
        });
      });
      settle = undefined;
      return JSON.parse(answer);
    },
    async stop() {
      process.off('exit', endWithUs);
      // With --cpu-prof the process must exit normally, or it writes no profile.
      child.kill(flags.includes('--cpu-prof') ? 'SIGUSR2' : 'SIGKILL');
      await ended;
    },
  };
}
