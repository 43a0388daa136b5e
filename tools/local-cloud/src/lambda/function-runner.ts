import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { FunctionModel } from '../assembly/model.ts';
import type { Surroundings } from './environment.ts';
import { startExecutionEnvironment, type ExecutionEnvironment } from './execution-environment.ts';
import { platformError, type InvocationResult } from './invocation.ts';
import type { LogLine } from './log-store.ts';
import { residentBytes } from './process-memory.ts';
import type { Watchdog } from './watchdog.ts';

/** Runs one function in as many processes as needed. */
export interface FunctionRunner {
  readonly model: FunctionModel;
  /** Invokes the function in an idle warm process, or in a new one if all are busy. Never rejects. */
  readonly invoke: (payload: string) => Promise<InvocationResult>;
  /** Number of invocations under way. */
  readonly running: () => number;
  readonly processes: () => readonly { readonly pid: number; readonly busy: boolean }[];
  /** Ends warm processes; busy ones end after their invocation. Later invocations run the code in the given folder. */
  readonly redeploy: (codeFolder?: string) => void;
  readonly stop: () => Promise<void>;
}

export interface RunnerOptions {
  readonly model: FunctionModel;
  readonly surroundings: Surroundings;
  readonly watchdog: Watchdog;
  readonly onLog: (line: LogLine) => void;
}

export function createFunctionRunner({
  model,
  surroundings,
  watchdog,
  onLog,
}: RunnerOptions): FunctionRunner {
  const environments = new Set<ExecutionEnvironment>();
  /** Environments that are starting or stopping; `stop` waits for them. */
  const unsettled = new Set<Promise<unknown>>();
  let codeFolder = model.codeFolder;
  let generation = 0;
  let stopped = false;
  let running = 0;

  const log = (line: Omit<LogLine, 'functionName' | 'time'>) =>
    onLog({ functionName: model.name, ...line, time: Date.now() });

  async function start(): Promise<ExecutionEnvironment> {
    const starting = startExecutionEnvironment({
      fn: model,
      codeFolder,
      surroundings,
      watchdog,
      onLine: (text, requestId, logStream) => log({ text, requestId, logStream, source: 'function' }),
    });
    const environment = await track(starting);
    void track(environment.ended).then(() => environments.delete(environment));
    return environment;
  }

  function track<T>(promise: Promise<T>): Promise<T> {
    unsettled.add(promise);
    return promise.finally(() => unsettled.delete(promise));
  }

  async function run(payload: string): Promise<InvocationResult> {
    const requestId = randomUUID();
    const startedAs = generation;
    const warm = [...environments].find((environment) => environment.alive() && !environment.busy());
    const environment = warm ?? (await start());
    // No await from here to `invoke`, so that no other invocation takes the same process.
    environments.add(environment);
    if (stopped) {
      environment.kill();
      return platformError(requestId, 'Runtime.ExitError', 'The local cloud has been stopped');
    }
    const say = (text: string) =>
      log({ text, requestId, logStream: environment.logStream, source: 'platform' });
    say(`START RequestId: ${requestId} Version: $LATEST`);
    const begun = performance.now();
    const result = await environment.invoke({
      requestId,
      payload,
      deadline: Date.now() + model.timeoutSeconds * 1000,
      traceId: traceId(model.isTraced),
    });
    if (startedAs !== generation) environment.kill();
    if (result.kind === 'error') say(errorLine(result.payload));
    // The function's last output is still in the pipe.
    await setImmediate();
    // Read the memory now; it is unavailable once the process exits.
    const highest = await residentBytes(environment.pid, 'highest');
    const used = highest === undefined ? '' : ` Max Memory Used: ${Math.ceil(highest / 1024 ** 2)} MB`;
    const milliseconds = (performance.now() - begun).toFixed(2);
    say(`END RequestId: ${requestId}`);
    say(
      `REPORT RequestId: ${requestId} Duration: ${milliseconds} ms Memory Size: ${model.memoryMb} MB${used}`,
    );
    return result;
  }

  return {
    model,
    invoke: async (payload) => {
      running++;
      try {
        return await run(payload);
      } finally {
        running--;
      }
    },
    running: () => running,
    processes: () =>
      [...environments].map((environment) => ({ pid: environment.pid, busy: environment.busy() })),
    redeploy: (folder = codeFolder) => {
      codeFolder = folder;
      generation++;
      for (const environment of environments) if (!environment.busy()) environment.kill();
    },
    stop: async () => {
      stopped = true;
      while (unsettled.size > 0) {
        for (const environment of environments) environment.kill();
        await Promise.race(unsettled);
      }
    },
  };
}

function errorLine(payload: string): string {
  return `Invoke Error ${payload}`;
}

/** A trace header as passed by Lambda: a new root, sampled if the function traces. */
function traceId(isSampled: boolean): string {
  const time = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${time}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=${isSampled ? 1 : 0}`;
}
