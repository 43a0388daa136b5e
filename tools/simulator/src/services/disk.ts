import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { Random } from '@data-aggregator/shared-processing/testing';
import type { Disk, DiskFile } from '../../../../apps/consumer/src/inbox/disk.ts';
import type { Actor, World } from './world.ts';

/*
 * A disk with POSIX's promises and no more. What is written is in the cache, which outlives the process but not the machine. A file's
 * bytes are durable after its sync; a name after a sync of its folder. Until then a power failure keeps or loses each change of names by
 * itself (a rename as a whole, never half of it), and tears files: any prefix of the new bytes, with holes.
 */

interface FileNode {
  kind: 'file';
  bytes: Buffer;
  /** What survives a power failure for certain; undefined if it was never synced. */
  synced: Buffer | undefined;
  /** A sync has failed: as in Linux, a later one succeeds without writing these bytes. */
  isBroken: boolean;
  modifiedAt: number;
}

interface FolderNode {
  kind: 'folder';
  names: Map<string, Node>;
  /** The names that survive a power failure for certain. */
  synced: Map<string, Node>;
  modifiedAt: number;
}

type Node = FileNode | FolderNode;

/** A change of names that is not durable yet: what each name refers to afterwards. */
interface NameChange {
  folder: FolderNode;
  name: string;
  node: Node | undefined;
}

/** What the consumer does each time it starts. */
const STARTING = /\.consumer\/probe|\.consumer$/;
const SECTOR = 64;
/** Bytes of the disk. Bundles of the simulation have a few thousand. */
const CAPACITY = 2_000_000;
type DiskFault = 'dies' | 'dies-after' | 'EIO' | 'ENOSPC';
const READ_FAULTS: readonly DiskFault[] = ['dies', 'dies-after', 'EIO'];
const WRITE_FAULTS: readonly DiskFault[] = [...READ_FAULTS, 'ENOSPC'];
/** What the outcomes that a steering can choose mean for a disk. */
const KINDS: Partial<Record<string, DiskFault>> = {
  'dies-before-effect': 'dies',
  'dies-after-effect': 'dies-after',
  'lost-before-effect': 'EIO',
};
/** Likeliness of a fault of the disk, compared with that of a call. There are about ten times as many of them. */
const FAULTS_PER_CALL = 0.1;

export class SimulatedDisk {
  /** Whether other programs have filled it. */
  isFull = false;
  /** Called when a process has renamed something. */
  onRename: ((actor: Actor, from: string, to: string) => void) | undefined;
  #root: FolderNode;
  #changes: NameChange[][] = [];
  readonly #world: World;
  readonly #random: Random;
  readonly #descriptors = new Map<number, FileNode>();
  #descriptorCount = 0;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    this.#root = folderNode(world.now);
  }

  /** The file system as a process sees it. Its calls take effect at once; the process may die at each. */
  viewOf(actor: Actor): Disk {
    const world = this.#world;
    const never = new Promise<never>(() => undefined);
    /** Performs a call, unless the process is dead or dies now, or the disk fails. */
    const perform = async <T>(what: string, effect: () => T, of?: 'write'): Promise<T> => {
      if (actor.dead) return never;
      const fault = world.faultOf(`disk ${shortened(what)}`, FAULTS_PER_CALL);
      if (fault !== undefined) {
        const kind = KINDS[fault] ?? this.#random.pick(of === 'write' ? WRITE_FAULTS : READ_FAULTS);
        if (kind === 'dies') return this.#die(actor, `before ${shortened(what)}`, never);
        if (kind === 'dies-after') {
          effect();
          return this.#die(actor, `after ${shortened(what)}`, never);
        }
        world.trace(`${actor.name} ${shortened(what)}: ${kind}`);
        throw diskError(kind, what);
      }
      const result = effect();
      if ((of === 'write' || what.startsWith('rm ')) && !STARTING.test(what))
        world.trace(`${actor.name} ${shortened(what)}`);
      return result;
    };
    const alive = <T>(dead: T, effect: () => T): T => (actor.dead ? dead : effect());
    const descriptor = (id: number, what: string): FileNode => {
      const file = this.#descriptors.get(id);
      if (!file || actor.dead) throw diskError('EBADF', what);
      return file;
    };

    return {
      manyFiles: 3,
      appendFile: (path, text) =>
        perform(
          `append ${path}`,
          () => {
            const file = this.#openFile(path, 'a');
            this.#write(file, Buffer.from(text), file.bytes.length, path);
          },
          'write',
        ),
      createReadStream: (path) =>
        Readable.from(
          (async function* (disk: SimulatedDisk) {
            const bytes = await perform(`read ${path}`, () => Buffer.from(disk.#file(path).bytes));
            const half = Math.floor(bytes.length / 2);
            for (const part of [bytes.subarray(0, half), bytes.subarray(half)])
              if (part.length > 0) yield part;
          })(this),
          { objectMode: false },
        ),
      existsSync: (path) => alive(false, () => this.#find(String(path)) !== undefined),
      lstat: async (path) => this.#stat(path, await perform(`lstat ${path}`, () => this.#node(path))),
      mkdir: (path) =>
        perform(
          `mkdir ${path}`,
          () => {
            const { folder, name } = this.#parent(path);
            if (folder.names.has(name)) throw diskError('EEXIST', path);
            this.#change([{ folder, name, node: folderNode(world.now) }]);
          },
          'write',
        ),
      open: (path, flags) =>
        perform(`open ${path} ${flags}`, () => this.#handle(path, this.#opened(path, flags), perform)),
      readdir: (path) => perform(`readdir ${path}`, () => [...this.#folder(path).names.keys()]),
      readFile: (path) => perform(`read ${path}`, () => this.#file(path).bytes.toString('utf8')),
      rename: (from, to) =>
        perform(
          `rename ${from} ${to}`,
          () => {
            this.#rename(from, to);
            this.onRename?.(actor, from, to);
          },
          'write',
        ),
      rm: (path) => perform(`rm ${path}`, () => this.#remove(path)),
      stat: async (path) => this.#stat(path, await perform(`stat ${path}`, () => this.#node(path))),
      statfs: (path) => perform(`statfs ${path}`, () => ({ bavail: this.#free, bsize: 1 })),
      writeFile: (path, text) =>
        perform(
          `write ${path}`,
          () => {
            const file = this.#openFile(path, 'w');
            this.#write(file, Buffer.from(text), 0, path);
          },
          'write',
        ),

      openSync: (path, flags) => {
        if (actor.dead) throw diskError('EBADF', path);
        const id = ++this.#descriptorCount;
        this.#descriptors.set(id, this.#openFile(path, flags));
        return id;
      },
      writeSync: (id, bytes, offset) => {
        const file = descriptor(id, 'write');
        return this.#write(file, bytes.subarray(offset), file.bytes.length, 'a small file');
      },
      futimesSync: (id, _, modified) => {
        descriptor(id, 'futimes').modifiedAt = modified * 1000;
      },
      fsync: (id) => perform('fsync', () => this.#syncFile(descriptor(id, 'fsync')), 'write'),
      closeSync: (id) => void this.#descriptors.delete(id),
      syncFileSystem: async (path) => {
        if (this.#random.chance(0.3)) return false;
        return perform(`syncfs ${path}`, () => {
          this.#syncAll(this.#root);
          this.#commit(this.#changes.flat());
          return true;
        });
      },
    };
  }

  /** The machine loses power: what was not synced is kept, torn or lost. */
  losePower(): void {
    for (const change of this.#changes) if (this.#random.chance(0.5)) this.#commit(change);
    this.#changes = [];
    this.#descriptors.clear();
    this.#revive(this.#root, new Set());
  }

  /** Writes a file as if it had been there for long. */
  putDurably(path: string, text: string): void {
    const segments = path.split('/').filter(Boolean);
    for (let depth = 1; depth < segments.length; depth++) {
      const folder = `/${segments.slice(0, depth).join('/')}`;
      if (this.#find(folder)) continue;
      const { folder: parent, name } = this.#parent(folder);
      this.#change([{ folder: parent, name, node: folderNode(this.#world.now) }]);
    }
    const file = this.#openFile(path, 'w');
    this.#write(file, Buffer.from(text), 0, path);
    this.#syncFile(file);
    this.#commit(this.#changes.flat());
  }

  /** The files below a folder by path. @param durable only what would certainly survive a power failure now */
  files(folder: string, durable: boolean): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    const walk = (node: Node, path: string): void => {
      if (node.kind === 'folder') {
        for (const [name, child] of durable ? node.synced : node.names) walk(child, `${path}/${name}`);
      } else {
        const bytes = durable ? node.synced : node.bytes;
        if (bytes) found.set(path, bytes);
      }
    };
    let node: Node | undefined = this.#root;
    for (const segment of folder.split('/').filter(Boolean)) {
      node = node?.kind === 'folder' ? (durable ? node.synced : node.names).get(segment) : undefined;
    }
    if (node) walk(node, folder);
    return found;
  }

  async #die<T>(actor: Actor, why: string, never: Promise<T>): Promise<T> {
    this.#world.kill(actor, why);
    return never;
  }

  get #free(): number {
    if (this.isFull) return 0;
    let used = 0;
    for (const bytes of this.files('/', false).values()) used += bytes.length;
    return Math.max(0, CAPACITY - used);
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const segment of path.split('/').filter(Boolean)) {
      if (node?.kind !== 'folder') return undefined;
      node = node.names.get(segment);
    }
    return node;
  }

  #node(path: string): Node {
    const node = this.#find(path);
    if (node) return node;
    this.#parent(path);
    throw diskError('ENOENT', path);
  }

  #file(path: string): FileNode {
    const node = this.#node(path);
    if (node.kind !== 'file') throw diskError('EISDIR', path);
    return node;
  }

  #folder(path: string): FolderNode {
    const node = this.#node(path);
    if (node.kind !== 'folder') throw diskError('ENOTDIR', path);
    return node;
  }

  #parent(path: string): { folder: FolderNode; name: string } {
    const folder = this.#find(posix.dirname(path));
    if (!folder) throw diskError('ENOENT', path);
    if (folder.kind !== 'folder') throw diskError('ENOTDIR', path);
    return { folder, name: posix.basename(path) };
  }

  #stat(_: string, node: Node) {
    return { isDirectory: () => node.kind === 'folder', mtimeMs: node.modifiedAt };
  }

  /** A file as `open` with these flags finds or makes it; a folder only for reading. */
  #opened(path: string, flags: string): Node {
    return flags === 'r' ? this.#node(path) : this.#openFile(path, flags);
  }

  #openFile(path: string, flags: string): FileNode {
    const existing = this.#find(path);
    if (existing && flags === 'wx') throw diskError('EEXIST', path);
    if (existing?.kind === 'folder') throw diskError('EISDIR', path);
    if (existing) {
      if (flags === 'w') existing.bytes = Buffer.alloc(0);
      return existing;
    }
    if (flags.startsWith('r')) return this.#file(path);
    const { folder, name } = this.#parent(path);
    const node: FileNode = {
      kind: 'file',
      bytes: Buffer.alloc(0),
      synced: undefined,
      isBroken: false,
      modifiedAt: this.#world.now,
    };
    this.#change([{ folder, name, node }]);
    return node;
  }

  #handle(
    path: string,
    node: Node,
    perform: <T>(what: string, effect: () => T, of?: 'write') => Promise<T>,
  ): DiskFile {
    const file = (): FileNode => {
      if (node.kind !== 'file') throw diskError('EISDIR', path);
      return node;
    };
    let readUpTo = 0;
    return {
      writev: (parts, position) =>
        perform(
          `write ${path}`,
          () => ({ bytesWritten: this.#write(file(), Buffer.concat(parts), position, path) }),
          'write',
        ),
      read: (buffer, offset, length) =>
        perform(`read ${path}`, () => {
          const part = file().bytes.subarray(readUpTo, readUpTo + length);
          buffer.set(part, offset);
          readUpTo += part.length;
          return { bytesRead: part.length };
        }),
      write: (bytes, offset, length, position) =>
        perform(
          `write ${path}`,
          () => {
            const from = offset ?? 0;
            const part = bytes.subarray(from, from + (length ?? bytes.length - from));
            return { bytesWritten: this.#write(file(), part, position ?? file().bytes.length, path) };
          },
          'write',
        ),
      writeFile: (text) =>
        perform(`write ${path}`, () => void this.#write(file(), Buffer.from(text), 0, path), 'write'),
      truncate: (size) =>
        perform(`truncate ${path}`, () => {
          file().bytes = Buffer.concat([
            file().bytes.subarray(0, size),
            Buffer.alloc(Math.max(0, size - file().bytes.length)),
          ]);
        }),
      utimes: (_, modified) => perform(`utimes ${path}`, () => void (node.modifiedAt = modified.getTime())),
      sync: async () => {
        try {
          await perform(
            `sync ${path}`,
            () => {
              if (node.kind === 'file') this.#syncFile(node);
              else
                this.#commit(
                  this.#changes.filter((change) => change.some(({ folder }) => folder === node)).flat(),
                );
            },
            'write',
          );
        } catch (error) {
          if (node.kind === 'file') node.isBroken = true;
          throw error;
        }
      },
      close: () => perform(`close ${path}`, () => undefined),
    };
  }

  /** @throws ENOSPC after part of the bytes, as a file system may */
  #write(file: FileNode, bytes: Uint8Array, position: number, path: string): number {
    if (this.isFull && bytes.length > 0) throw diskError('ENOSPC', path);
    const size = Math.max(file.bytes.length, position + bytes.length);
    const grown = Buffer.alloc(size);
    file.bytes.copy(grown);
    grown.set(bytes, position);
    file.bytes = grown;
    file.modifiedAt = this.#world.now;
    return bytes.length;
  }

  #syncFile(file: FileNode): void {
    if (!file.isBroken) file.synced = file.bytes;
  }

  #syncAll(node: Node): void {
    if (node.kind === 'file') this.#syncFile(node);
    else for (const child of node.names.values()) this.#syncAll(child);
  }

  #rename(from: string, to: string): void {
    const node = this.#node(from);
    const source = this.#parent(from);
    const target = this.#parent(to);
    const existing = target.folder.names.get(target.name);
    if (existing?.kind === 'folder' && (node.kind === 'file' || existing.names.size > 0))
      throw diskError(node.kind === 'file' ? 'EISDIR' : 'ENOTEMPTY', to);
    this.#change([
      { ...source, node: undefined },
      { ...target, node },
    ]);
  }

  #remove(path: string): void {
    const node = this.#find(path);
    if (!node) return;
    const { folder, name } = this.#parent(path);
    if (node.kind === 'folder') {
      for (const child of [...node.names.keys()])
        this.#change([{ folder: node, name: child, node: undefined }]);
    }
    this.#change([{ folder, name, node: undefined }]);
  }

  /** Changes names in the cache, all at once. */
  #change(changes: NameChange[]): void {
    for (const { folder, name, node } of changes) {
      if (node) folder.names.set(name, node);
      else folder.names.delete(name);
      folder.modifiedAt = this.#world.now;
    }
    this.#changes.push(changes);
  }

  /** Makes changes durable, and first all earlier ones of the same names. */
  #commit(wanted: readonly NameChange[]): void {
    const names = new Map<FolderNode, Set<string>>();
    const include = ({ folder, name }: NameChange) =>
      names.set(folder, (names.get(folder) ?? new Set()).add(name));
    const isIncluded = ({ folder, name }: NameChange) => names.get(folder)?.has(name) ?? false;
    const last = this.#changes.findLastIndex((change) => change.some((part) => wanted.includes(part)));
    const chosen = new Set<NameChange[]>();
    // From the last to the first: whatever touches a name that a later chosen change touches comes before it.
    for (const change of this.#changes.slice(0, last + 1).toReversed()) {
      if (!change.some((part) => wanted.includes(part) || isIncluded(part))) continue;
      chosen.add(change);
      change.forEach(include);
    }
    for (const change of this.#changes.filter((one) => chosen.has(one)).flat()) {
      if (change.node) change.folder.synced.set(change.name, change.node);
      else change.folder.synced.delete(change.name);
    }
    this.#changes = this.#changes.filter((change) => !chosen.has(change));
  }

  /** Puts what survived into the cache. */
  #revive(node: Node, seen: Set<Node>): void {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'folder') {
      node.names = new Map(node.synced);
      for (const child of node.names.values()) this.#revive(child, seen);
      return;
    }
    node.bytes = node.synced?.equals(node.bytes) ? node.bytes : this.#torn(node);
    node.synced = node.bytes;
  }

  /** One of the states that a file can have after a power failure. */
  #torn({ bytes, synced = Buffer.alloc(0) }: FileNode): Buffer {
    const random = this.#random;
    switch (random.pick(['old', 'new', 'prefix', 'holes'] as const)) {
      case 'old':
        return synced;
      case 'new':
        return bytes;
      case 'prefix':
        return bytes.subarray(0, random.below(bytes.length + 1));
      case 'holes': {
        const torn = Buffer.from(bytes);
        for (let at = 0; at < torn.length; at += SECTOR) {
          if (random.chance(0.5)) torn.fill(0, at, Math.min(torn.length, at + SECTOR));
        }
        return torn;
      }
    }
  }
}

function folderNode(modifiedAt: number): FolderNode {
  return { kind: 'folder', names: new Map(), synced: new Map(), modifiedAt };
}

/** Without the common folder, and without the random part of temporary names. */
function shortened(what: string): string {
  return what.replaceAll('/data/inbox/', '').replaceAll(/\.[0-9a-f]{8}\.new/g, '.new');
}

function diskError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
