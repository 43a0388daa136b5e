/*
 * Polynomials over GF(2) of degree < 64, reflected as in the CRC: bit 63 is the coefficient of x⁰, bit 0 that of x⁶³.
 *
 *     crc(A‖B) = crc(A) · x^(8·|B|) mod P  ⊕  crc(B)
 *
 * This holds although CRC-64/NVME starts with ones and inverts its result, because both cancel out (the same identity
 * as in zlib's crc32_combine).
 */

/** CRC-64/NVME's P without x⁶⁴, reflected. */
const NVME = 0x9a6c9329ac4bc9b5n;
const ONE = 1n << 63n;

/** The product of two polynomials mod P. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = ONE; a !== 0n; bit >>= 1n) {
    if (a & bit) {
      product ^= b;
      a ^= bit;
    }
    // b · x: reflected, so to the right; the bit that falls out is x⁶⁴ = P − x⁶⁴.
    b = b & 1n ? (b >> 1n) ^ NVME : b >> 1n;
  }
  return product;
}

/** x^(8 · 2ⁱ) mod P at index i, as far as it was needed. */
const squares: bigint[] = [];

function squareAt(index: number): bigint {
  for (let next = squares.length; next <= index; next++) {
    const before = squares[next - 1];
    squares.push(before === undefined ? ONE >> 8n : multiply(before, before));
  }
  return squares[index] as bigint;
}

/**
 * The CRC-64/NVME of A‖B from the CRCs of A and B, without their bytes, in O(log n).
 *
 * @param a, b 16 lower-case hex digits
 * @param lengthOfB bytes, up to 2⁵³ − 1
 */
export function combineCrc64(a: string, b: string, lengthOfB: number): string {
  let crc = BigInt(`0x${a}`);
  for (let index = 0, rest = lengthOfB; rest > 0; index++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) crc = multiply(crc, squareAt(index));
  }
  return (crc ^ BigInt(`0x${b}`)).toString(16).padStart(16, '0');
}

/** Bytes of which only length and CRC-64/NVME are known. */
export interface Crc64Run {
  size: number;
  /** 16 lower-case hex digits. */
  crc64nvme: string;
}

/** Length and CRC-64/NVME of several runs of bytes, one after the other. */
export function joinCrc64(runs: Iterable<Crc64Run>): Crc64Run {
  let joined: Crc64Run = { size: 0, crc64nvme: '0'.repeat(16) };
  for (const { size, crc64nvme } of runs) {
    joined = { size: joined.size + size, crc64nvme: combineCrc64(joined.crc64nvme, crc64nvme, size) };
  }
  return joined;
}
