import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** Resident memory of a process in bytes: current or peak. Undefined once the process has ended. */
export async function residentBytes(
  pid: number,
  when: 'now' | 'highest' = 'now',
): Promise<number | undefined> {
  // Other systems report only the current value.
  return process.platform === 'linux' ? fromProc(pid, when === 'now' ? 'VmRSS' : 'VmHWM') : fromPs(pid);
}

async function fromProc(pid: number, field: string): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const [, kilobytes] = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined; // The process has ended, so the file is gone.
  }
}

function fromPs(pid: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, stdout) => {
      resolve(error ? undefined : Number(stdout.trim()) * 1024);
    });
  });
}
