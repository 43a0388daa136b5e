import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Resident memory of a process in bytes, now or at its highest; undefined once it is gone. */
export async function residentBytes(
  pid: number,
  when: 'now' | 'highest' = 'now',
): Promise<number | undefined> {
  // Elsewhere only the present is told.
  return process.platform === 'linux' ? fromProc(pid, when === 'now' ? 'VmRSS' : 'VmHWM') : fromPs(pid);
}

async function fromProc(pid: number, field: string): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined; // The process has ended, and with it the file.
  }
}

function fromPs(pid: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, stdout) => {
      resolve(error ? undefined : Number(stdout.trim()) * 1024);
    });
  });
}
