import { BlockList, isIP } from 'node:net';

const BITS = { 4: 32, 6: 128 } as const;

/** An IPv4 or IPv6 address or range, as written in policies: `203.0.113.0/24`, `2001:db8::1`. */
interface Range {
  address: string;
  family: 'ipv4' | 'ipv6';
  bits: number;
}

function parse(text: string): Range | undefined {
  const [, address = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version !== 4 && version !== 6) return undefined;
  const bits = digits === undefined ? BITS[version] : Number(digits);
  return bits <= BITS[version] ? { address, family: `ipv${version}`, bits } : undefined;
}

/** Whether a text is a valid address or range. */
export function isAddressRange(text: string): boolean {
  return parse(text) !== undefined;
}

/** Whether an address is in one of the ranges. Also recognises IPv4 addresses written as IPv6 (`::ffff:…`). */
export function isInRange(ranges: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const range of ranges.flatMap((text) => parse(text) ?? [])) {
    list.addSubnet(range.address, range.bits, range.family);
  }
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
