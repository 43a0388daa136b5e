import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import type { DownloadTicket } from '../api.ts';
import type { MemberFile } from './backend.ts';

const VALID_MS = 60_000;
const MAX_PENDING = 100;

/** Files that may be downloaded once, by an address that nobody can guess: a link cannot carry the token. */
export interface Downloads {
  add(file: MemberFile): DownloadTicket;
  /** The file of a ticket, which is then used up. Undefined if there is none. */
  take(ticket: string): MemberFile | undefined;
}

export function createDownloads(now = Date.now): Downloads {
  const pending = new Map<string, { file: MemberFile; expiresAt: number }>();
  return {
    add(file) {
      const ticket = randomBytes(24).toString('base64url');
      const expiresAt = now() + VALID_MS;
      pending.set(ticket, { file, expiresAt });
      for (const oldest of [...pending.keys()].slice(0, -MAX_PENDING)) pending.delete(oldest);
      return { url: `/api/downloads/${ticket}`, fileName: file.fileName, size: file.size, expiresAt };
    },
    take(ticket) {
      const found = pending.get(ticket);
      pending.delete(ticket);
      return found && found.expiresAt >= now() ? found.file : undefined;
    },
  };
}

/**
 * The response with a file: an attachment of unknown type, which browsers save and never show. Names come from uploaders, so the header has a
 * plain form without anything special, and the full name in percent encoding (RFC 6266, RFC 8187).
 */
export async function attachment({ fileName, size, open }: MemberFile): Promise<Response> {
  const plain = fileName.replaceAll(/[^\w.-]/g, '_').slice(0, 100) || 'file';
  const encoded = encodeURIComponent(fileName.toWellFormed()).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const body = await open();
  return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
    headers: {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
      'content-length': String(size),
    },
  });
}
