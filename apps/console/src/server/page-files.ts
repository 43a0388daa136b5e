import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import type { Context } from 'hono';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.map': 'application/json',
};

/** Answers with a file of the page. Files with a hash in their name never change. */
export type PageFiles = (context: Context) => Response | undefined;

/**
 * Reads the page's files once. No path of a request ever reaches the file system.
 *
 * @param folder as Vite builds it
 */
export function pageFiles(folder: string): PageFiles {
  const names = existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : [];
  const files = new Map(
    names.map((name) => [
      `/${name
        .slice(folder.length + 1)
        .split(sep)
        .join('/')}`,
      readFileSync(name),
    ]),
  );
  return (context) => {
    const { path } = context.req;
    // Views are paths without an extension: all are the same page.
    const name = files.has(path) ? path : extname(path) === '' ? '/index.html' : path;
    const content = files.get(name);
    const type = TYPES[extname(name)];
    if (!content || type === undefined) return undefined;
    const caching = name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    return context.body(new Uint8Array(content), 200, { 'content-type': type, 'cache-control': caching });
  };
}
