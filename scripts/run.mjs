import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { Failure, root } from './node.mjs';

const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** npm forwards a Ctrl-C that the terminal has already delivered. Within this time it counts as the same one. */
const SAME_SIGNAL_MS = 500;

/** @typedef {{ quiet?: boolean, cwd?: string }} RunOptions quiet: show output, on standard error, only on failure */

/**
 * Runs one step of a script.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>} its exit code; or 128 plus the signal's number if a signal ended it or arrived meanwhile,
 * even if the program handled it, because the script must stop
 */
export async function run(command, args, options) {
  const { code, signal, received } = await start(command, args, options);
  return exitCode(code, received ?? signal);
}

/**
 * Runs a script's last step, which is its actual program.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<number>} its own exit code, even after a signal that it handled; or 128 plus the signal's number if a
 * signal killed it
 */
export async function runLast(command, args, options) {
  const { code, signal } = await start(command, args, options);
  return exitCode(code, signal);
}

/** Whether an exit code means that a signal ended the run. */
export function wasEnded(code) {
  return FORWARDED_SIGNALS.some((signal) => code === 128 + constants.signals[signal]);
}

/** Runs a step that must succeed; ends this process if it fails. */
export async function must(command, args, options) {
  const code = await run(command, args, options);
  if (code !== 0) process.exit(code);
}

/** Runs a script. A Failure is printed as one sentence and sets the exit code to 1. */
export async function main(script) {
  try {
    process.exitCode = await script(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** The folder in which the user ran the command: npm changes to the workspace's folder before it runs a script. */
export function calledFrom() {
  return (process.env.npm_lifecycle_event && process.env.INIT_CWD) || process.cwd();
}

/**
 * Nx makes its tasks write colours even to pipes. Programs read either of the two variables, so both are set. If the user
 * set FORCE_COLOR, it applies unchanged.
 *
 * @param {Record<string, string | undefined>} env
 * @param {boolean} isTerminal
 * @returns {Record<string, string>}
 */
export function colours(env, isTerminal) {
  if (env.FORCE_COLOR !== undefined) return {};
  return isTerminal && !env.NO_COLOR ? {} : { FORCE_COLOR: '0', NO_COLOR: '1' };
}

/**
 * Starts a program with the installed programs and the pinned Node first on its PATH, and delivers each signal to it once.
 *
 * A terminal sends Ctrl-C to every process of its foreground group, and npm forwards it again. On a terminal the program
 * therefore has its own session, which the terminal does not signal, and gets the signals from this process. Elsewhere it
 * stays in this process's group, so that killing the group kills it.
 */
function start(command, args, { quiet = false, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const ownSession = Boolean(process.stdin.isTTY) && process.platform !== 'win32';
    const child = spawn(command, args, {
      cwd,
      env: environment(),
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      detached: ownSession,
    });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));

    let received;
    const forward = (signal) => {
      received = signal;
      child.kill(signal);
    };
    const stopListening = [
      ...FORWARDED_SIGNALS.map((signal) => listen(signal, oncePer(SAME_SIGNAL_MS, forward))),
      ...(ownSession ? followTerminal(child) : []),
    ];
    const stopWatching = whenOrphaned(() => forward('SIGTERM'));
    // A concurrent step may end the script while this one runs.
    const end = () => child.kill();
    process.once('exit', end);
    const done = () => {
      process.off('exit', end);
      stopWatching();
      stopListening.forEach((stop) => stop());
    };
    child.on('error', (cause) => {
      done();
      reject(new Failure(`${command} cannot be run: ${cause.message}`, { cause }));
    });
    child.on('close', (code, signal) => {
      done();
      if (code !== 0 && !received) process.stderr.write(Buffer.concat(output));
      resolve({ code, signal, received });
    });
  });
}

function exitCode(code, signal) {
  return signal ? 128 + constants.signals[signal] : (code ?? 1);
}

function listen(signal, listener) {
  process.on(signal, listener);
  return () => process.off(signal, listener);
}

/** Calls at most once per period. */
function oncePer(ms, call) {
  let last = -Infinity;
  return (argument) => {
    const now = performance.now();
    if (now - last < ms) return;
    last = now;
    call(argument);
  };
}

/** Forwards window resizing and Ctrl-Z to a program in its own session, which the terminal does not signal. */
function followTerminal(child) {
  return [
    listen('SIGWINCH', () => child.kill('SIGWINCH')),
    listen('SIGTSTP', () => {
      process.kill(-child.pid, 'SIGSTOP');
      process.kill(process.pid, 'SIGSTOP');
    }),
    listen('SIGCONT', () => process.kill(-child.pid, 'SIGCONT')),
  ];
}

/** The shell that npm starts can die from a signal without forwarding it. Nothing else would then end the program. */
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
  // Windows calls it `Path`.
  const path = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  return {
    ...process.env,
    ...colours(process.env, Boolean(process.stdout.isTTY)),
    [path]: [join(root, 'node_modules', '.bin'), process.env[path] ?? ''].join(delimiter),
    // Nx's daemon would outlive the script.
    NX_DAEMON: 'false',
    // Nx would start a process per plugin for every command, which doubles its work.
    NX_ISOLATE_PLUGINS: 'false',
    // A run starts hundreds of Node processes. Each would compile the same modules and strip the same types again.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, '.nx', 'compile-cache'),
  };
}
