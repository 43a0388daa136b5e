import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** A program of the workspace's packages, such as `nx`. */
export const installed = (program) => join(root, 'node_modules', '.bin', program);

/** A failure whose message says all there is to say. */
export class Failure extends Error {
  name = 'Failure';
}

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program, under the packages' own Node where they are installed, and passes signals on to it.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ quiet?: boolean, cwd?: string, stopsInOrder?: boolean }} [options] quiet: the program's output is shown, on
 * standard error, only where it fails; stopsInOrder: the program runs until a signal comes, and its own exit code says
 * whether it stopped as it should
 * @returns {Promise<number>} its exit code; 128 and the signal's number where one came, as shells have it
 */
export function run(command, args, { quiet = false, cwd = root, stopsInOrder = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: environment(),
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));

    let received;
    const listeners = PASSED_ON.map((signal) => {
      const listener = () => {
        received = signal;
        child.kill(signal);
      };
      process.on(signal, listener);
      return () => process.off(signal, listener);
    });
    const stopWatching = whenOrphaned(() => {
      received = 'SIGTERM';
      child.kill(received);
    });
    const done = () => {
      stopWatching();
      listeners.forEach((unlisten) => unlisten());
    };
    child.on('error', (cause) => {
      done();
      reject(new Failure(`${command} cannot be run: ${cause.message}`, { cause }));
    });
    child.on('close', (code, signal) => {
      done();
      const ending = stopsInOrder && code !== null ? undefined : (received ?? signal);
      const exitCode = ending ? 128 + constants.signals[ending] : (code ?? 1);
      if (exitCode !== 0 && !received) process.stderr.write(Buffer.concat(output));
      resolve(exitCode);
    });
  });
}

/** Whether a run ended because somebody wanted it to, rather than by itself. */
export function wasEnded(exitCode) {
  return PASSED_ON.some((signal) => exitCode === 128 + constants.signals[signal]);
}

/** Runs a program of which another is to follow; ends this process where it fails. */
export async function must(command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) process.exit(code);
}

/** What a script does, with a failure told in one sentence. */
export async function main(script) {
  try {
    process.exitCode = await script(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Where a person called: npm itself goes to the workspace's folder before it runs a script. */
export function calledFrom() {
  return (process.env.npm_lifecycle_event && process.env.INIT_CWD) || process.cwd();
}

/** npm's shell dies of a signal without passing it on; nobody could end what runs here any more. */
function whenOrphaned(end) {
  if (!process.env.npm_lifecycle_event) return () => undefined;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    end();
  }, 500);
  return () => clearInterval(watch);
}

function environment() {
  const { PATH = '', ...others } = process.env;
  return {
    ...others,
    ...colours(process.env, Boolean(process.stdout.isTTY)),
    PATH: [join(root, 'node_modules', '.bin'), PATH].join(delimiter),
    // Its own processes would outlive the script.
    NX_DAEMON: 'false',
  };
}

/**
 * Nx has its tasks write colours into pipes unless it is told not to. Programs differ in which of the two variables
 * they look at; who sets FORCE_COLOR decides.
 *
 * @param {Record<string, string | undefined>} env
 * @param {boolean} isTerminal
 * @returns {Record<string, string>}
 */
export function colours(env, isTerminal) {
  if (env.FORCE_COLOR !== undefined) return {};
  return isTerminal && !env.NO_COLOR ? {} : { FORCE_COLOR: '0', NO_COLOR: '1' };
}
