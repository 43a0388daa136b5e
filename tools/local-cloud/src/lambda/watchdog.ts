import { spawn } from 'node:child_process';

/** Sees to it that no function process and no object's bytes outlive the cloud, whatever ends it. */
export interface Watchdog {
  readonly guard: (pid: number) => void;
  readonly release: (pid: number) => void;
  /** Leaves the folder to the cloud, which ends in order. */
  readonly stop: () => void;
}

/**
 * A shell that is told every process that starts and ends. When its standard input closes, which also happens when the
 * cloud is killed, it kills those that are left and removes the folder. It has a session of its own, so that Ctrl-C does
 * not reach it.
 */
const script = `
folder=$1
guarded=" "
while read -r change pid; do
  case $change in
    +) guarded="$guarded$pid " ;;
    .) folder= ;;
    -) case $guarded in *" $pid "*) guarded="\${guarded%% $pid *} \${guarded#* $pid }" ;; esac ;;
  esac
done
[ "$guarded" = " " ] || kill -9 $guarded 2>/dev/null
[ -z "$folder" ] || rm -rf -- "$folder"
`;

/** @param folder that is removed when the cloud is killed; undefined where nothing is to be removed */
export function startWatchdog(folder: string | undefined): Watchdog {
  const shell = spawn('/bin/sh', ['-c', script, 'watchdog', folder ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.unref();
  // Writing to a shell that somebody killed must not end the cloud.
  shell.stdin.on('error', () => undefined);
  const tell = (line: string) => {
    if (shell.stdin.writable) shell.stdin.write(line);
  };
  return {
    guard: (pid) => tell(`+ ${pid}\n`),
    release: (pid) => tell(`- ${pid}\n`),
    stop: () => {
      tell('. 0\n');
      shell.stdin.end();
    },
  };
}
