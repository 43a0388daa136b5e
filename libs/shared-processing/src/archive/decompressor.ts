import { PassThrough, type Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { BundleFormat } from '../manifest/index.ts';

/** A stream that turns a bundle into its tar. */
export function decompressor(format: BundleFormat): Transform {
  switch (format) {
    case 'tar.gz':
      return createGunzip();
    case 'tar.zst':
      return createZstdDecompress();
    case 'tar':
      return new PassThrough();
  }
}
