import { spawn } from 'node:child_process';

/** Sees to it that no function process outlives the cloud, whatever the process is busy with. */
export interface Watchdog {
  readonly guard: (pid: number) => void;
  readonly release: (pid: number) => void;
  readonly stop: () => void;
}

/**
 * A shell that is told every process that starts and ends. When its standard input closes, which also happens when the
 * cloud is killed, it kills those that are left. It has a session of its own, so that Ctrl-C does not reach it.
 */
const script = `
guarded=" "
while read -r change pid; do
  case $change in
    +) guarded="$guarded$pid " ;;
    -) case $guarded in *" $pid "*) guarded="\${guarded%% $pid *} \${guarded#* $pid }" ;; esac ;;
  esac
done
[ "$guarded" = " " ] || kill -9 $guarded 2>/dev/null
`;

export function startWatchdog(): Watchdog {
  const shell = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.unref();
  // Writing to a shell that somebody killed must not end the cloud.
  shell.stdin.on('error', () => undefined);
  const tell = (line: string) => {
    if (shell.stdin.writable) shell.stdin.write(line);
  };
  return {
    guard: (pid) => tell(`+ ${pid}\n`),
    release: (pid) => tell(`- ${pid}\n`),
    stop: () => shell.stdin.end(),
  };
}
