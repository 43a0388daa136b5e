import type { Readable } from 'node:stream';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type { FunctionModel } from '../assembly/model.ts';
import { environmentVariables, nodeFlags, type Surroundings, nativeClient } from './environment.ts';
import { platformError, type Invocation, type InvocationResult } from './invocation.ts';
import { residentBytes } from './process-memory.ts';
import { startRuntimeApi } from './runtime-api.ts';
import type { Watchdog } from './watchdog.ts';

/** One process of a function. It handles one invocation at a time. */
export interface ExecutionEnvironment {
  readonly pid: number;
  /** `2026/11/22/[$LATEST]…`; each process has its own log stream. */
  readonly logStream: string;
  readonly busy: () => boolean;
  /** Whether it can accept an invocation. */
  readonly alive: () => boolean;
  /** Runs one invocation. Never rejects: the death of the process is a result as well. */
  readonly invoke: (invocation: Invocation) => Promise<InvocationResult>;
  readonly kill: () => void;
  /** Resolves once the process has ended and its output has been read. */
  readonly ended: Promise<void>;
}

export interface EnvironmentOptions {
  readonly fn: FunctionModel;
  readonly codeFolder: string;
  readonly surroundings: Surroundings;
  readonly watchdog: Watchdog;
  /** Called for each line of the function's output. The request id is undefined between invocations. */
  readonly onLine: (line: string, requestId: string | undefined, logStream: string) => void;
}

interface Running {
  readonly invocation: Invocation;
  readonly finish: (result: InvocationResult) => void;
  /** The reason, if the cloud kills the process. */
  killedFor?: InvocationResult;
  /** The function's response. The invocation ends when the runtime asks for the next one. */
  answer?: InvocationResult;
}

const require = createRequire(import.meta.url);
const runtimeClient = require.resolve('aws-lambda-ric');
const memoryCheckMs = 250;

/** Starts a process of the function: its artifact in aws-lambda-ric, run by the current Node binary. */
export async function startExecutionEnvironment(options: EnvironmentOptions): Promise<ExecutionEnvironment> {
  const { fn, codeFolder, surroundings, watchdog, onLine } = options;
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  const logStream = `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
  let running: Running | undefined;
  let initError: string | undefined;
  let alive = true;
  let killed = false;

  const settle = (result: InvocationResult) => {
    const { finish } = running ?? {};
    running = undefined;
    finish?.(result);
  };
  const answered = (kind: 'success' | 'error') => (requestId: string, payload: string) => {
    if (running?.invocation.requestId === requestId) running.answer = { kind, requestId, payload };
  };

  const api = await startRuntimeApi(fn.arn, {
    onNext: () => {
      if (running?.answer) settle(running.answer);
    },
    onResponse: answered('success'),
    onError: answered('error'),
    onInitError: (payload) => {
      initError = payload;
    },
  });

  const child = spawn(
    process.execPath,
    [...nodeFlags(fn.memoryMb), '--require', nativeClient, runtimeClient],
    {
      cwd: codeFolder,
      env: environmentVariables(fn, surroundings, { runtimeApi: api.address, codeFolder, logStream }),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own session, so that Ctrl-C reaches only the cloud, which then stops its functions.
      detached: true,
    },
  );
  const pid = child.pid ?? -1;
  if (pid > 0) watchdog.guard(pid);
  eachLine(child.stdout, (line) => onLine(line, running?.invocation.requestId, logStream));
  eachLine(child.stderr, (line) => onLine(line, running?.invocation.requestId, logStream));

  const kill = () => {
    killed = true;
    child.kill('SIGKILL');
  };

  function resultOfDeath(current: Running, cause: string): InvocationResult {
    const { requestId } = current.invocation;
    if (current.answer) return current.answer;
    if (current.killedFor) return current.killedFor;
    if (initError !== undefined) return { kind: 'error', requestId, payload: initError };
    return platformError(requestId, 'Runtime.ExitError', `Runtime exited with error: ${cause}`);
  }

  const ended = new Promise<void>((resolve) => {
    const end = (cause: string) => {
      if (!alive) return;
      alive = false;
      watchdog.release(pid);
      api.close();
      if (running) settle(resultOfDeath(running, cause));
      resolve();
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) =>
      end(
        signal === null
          ? `exit status ${code ?? 0}`
          : signal === 'SIGKILL'
            ? 'signal: killed'
            : `signal: ${signal}`,
      ),
    );
  });

  /** Kills the process if it exceeds its memory, as the kernel does in Lambda. */
  async function watchMemory(current: Running): Promise<void> {
    const bytes = await residentBytes(pid);
    if (running !== current || bytes === undefined || bytes <= fn.memoryMb * 1024 * 1024) return;
    kill();
  }

  function invoke(invocation: Invocation): Promise<InvocationResult> {
    if (!alive) {
      const cause = 'Runtime exited before the invocation';
      return Promise.resolve(platformError(invocation.requestId, 'Runtime.ExitError', cause));
    }
    return new Promise((resolve) => {
      const timeout = setTimeout(() => {
        current.killedFor = platformError(
          invocation.requestId,
          'Sandbox.Timedout',
          `Task timed out after ${fn.timeoutSeconds.toFixed(2)} seconds`,
        );
        kill();
      }, invocation.deadline - Date.now());
      const memory = setInterval(() => void watchMemory(current), memoryCheckMs);
      const current: Running = {
        invocation,
        finish: (result) => {
          clearTimeout(timeout);
          clearInterval(memory);
          resolve(result);
        },
      };
      running = current;
      api.offer(invocation);
    });
  }

  return {
    pid,
    logStream,
    busy: () => running !== undefined,
    alive: () => alive && !killed,
    invoke,
    kill,
    ended,
  };
}

/** Calls back for every line of a stream, including an unterminated last line. Lines are cut at 256 KB. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(0, 262_144);
    for (const line of lines) if (line !== '') onLine(line.slice(0, 262_144));
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}
