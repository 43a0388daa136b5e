/**
 * One pax record: `<length> <key>=<value>\n`, where the length counts the whole record in bytes, its own digits
 * included (POSIX.1-2017, pax, "pax Extended Header").
 */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  // Counting its own digits can carry the length over a power of ten, at most once.
  let length = bytes + String(bytes).length;
  length = bytes + String(length).length;
  return `${length}${rest}`;
}

/** The body of a pax extended header, its records in the order given. */
export function paxBody(records: ReadonlyMap<string, string>): Buffer {
  return Buffer.from([...records].map(([key, value]) => paxRecord(key, value)).join(''));
}
