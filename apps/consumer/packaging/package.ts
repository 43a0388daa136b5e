import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

/*
 * Writes apps/consumer/dist/consumer-<version>.tar.gz. The same input gives the same bytes, so that the archive can be compared.
 */
const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, '../../package.json'), 'utf8')) as { version: string };
const folder = `consumer-${version}`;
const FILES = [
  ['consumer.mjs', 'dist/program/consumer.mjs', 0o755],
  ['consumer.service', 'packaging/consumer.service', 0o644],
  ['consumer.env', 'packaging/consumer.env', 0o640],
  ['MANUAL.md', 'packaging/MANUAL.md', 0o644],
  ['LICENSE', '../../LICENSE', 0o644],
] as const;

const tar = pack();
const bytes = buffer(tar);
for (const [name, path, mode] of FILES) {
  tar.entry({ name: `${folder}/${name}`, mode, mtime: new Date(0) }, readFileSync(join(root, path)));
}
tar.finalize();
mkdirSync(join(root, 'dist'), { recursive: true });
writeFileSync(join(root, `dist/${folder}.tar.gz`), gzipSync(await bytes, { level: 9 }));
