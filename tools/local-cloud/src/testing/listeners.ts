import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Inodes of a process's sockets. */
function socketsOf(pid: number | 'self'): Set<string> {
  const folder = `/proc/${pid}/fd`;
  return new Set(
    readdirSync(folder).flatMap((fd) => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1] ?? ''];
      } catch {
        return []; // Closed meanwhile.
      }
    }),
  );
}

/** Addresses on which these processes listen for TCP, in the kernel's hexadecimal form. Linux only. */
export function listeningAddresses(pids: readonly (number | 'self')[]): string[] {
  return listening(pids).map((local) => local.split(':')[0] ?? '');
}

/** Ports on which this process listens. Linux only. */
export function listeningPorts(): number[] {
  return listening(['self']).map((local) => parseInt(local.split(':')[1] ?? '', 16));
}

/** `0100007F:1F90` */
function listening(pids: readonly (number | 'self')[]): string[] {
  const sockets = new Set(pids.flatMap((pid) => [...socketsOf(pid)]));
  const inState = '0A';
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    readFileSync(table, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === inState && sockets.has(inode ?? ''))
      .map(([, local]) => local ?? ''),
  );
}
