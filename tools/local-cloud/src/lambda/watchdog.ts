import { spawn } from 'node:child_process';

/** Ensures that function processes and object files do not outlive the cloud, however it ends. */
export interface Watchdog {
  readonly guard: (pid: number) => void;
  readonly release: (pid: number) => void;
  /** Stops the watchdog without removing the folder; a clean stop does that itself. */
  readonly stop: () => void;
}

/**
 * A shell that is told about every process that starts and ends. When its standard input closes, also because the cloud
 * was killed, it kills the remaining processes and removes the folder. It has its own session, so that Ctrl-C does not
 * reach it.
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

/** @param folder removed if the cloud is killed; undefined if nothing is to be removed */
export function startWatchdog(folder: string | undefined): Watchdog {
  const shell = spawn('/bin/sh', ['-c', script, 'watchdog', folder ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.unref();
  // If someone killed the shell, writing to it must not end the cloud.
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
