/** File names have 255 bytes on Linux, 255 UTF-16 units on Windows and APFS; HFS+ counts them decomposed. */
const MAX_FILE_NAME = 255;

/** Extensions longer than this are not told from the rest of a name. */
const EXTENSION = /(?<=.)\.[A-Za-z0-9]{1,16}$/su;

/** Whether every file system takes a name of this length. */
export function fitsFileName(name: string): boolean {
  return Buffer.byteLength(name) <= MAX_FILE_NAME && name.normalize('NFD').length <= MAX_FILE_NAME;
}

/** `report.csv` tagged `1f` is `report-1f.csv`; the part before is cut where the whole would be too long. */
export function withHashSuffix(segment: string, tag: string): string {
  const extension = EXTENSION.exec(segment)?.[0] ?? '';
  const ending = `-${tag}${extension}`;
  return cut(segment.slice(0, segment.length - extension.length), MAX_FILE_NAME - ending.length) + ending;
}

/** As many whole characters of a text as fit into `room` bytes, and decomposed into `room` UTF-16 units. */
function cut(text: string, room: number): string {
  let [end, bytes, units] = [0, 0, 0];
  for (const char of text) {
    bytes += Buffer.byteLength(char);
    units += char.normalize('NFD').length;
    if (bytes > room || units > room) break;
    end += char.length;
  }
  return text.slice(0, end);
}
