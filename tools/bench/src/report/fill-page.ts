import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, type FormatConfig } from 'oxfmt';
import { fillIn } from './markdown.ts';

const FORMAT = join(import.meta.dirname, '../../../../.oxfmtrc.json');

/** Replaces the texts between the markers of a file, and formats it. @throws Error if markers are missing, or the file cannot be formatted */
export async function fillPage(file: string, texts: Readonly<Record<string, string>>): Promise<void> {
  const filled = Object.entries(texts).reduce(
    (page, [name, text]) => fillIn(page, name, text),
    await readFile(file, 'utf8'),
  );
  const options = JSON.parse(await readFile(FORMAT, 'utf8')) as FormatConfig;
  const { code, errors } = await format(file, filled, options);
  if (errors.length > 0) throw new Error(`${file} cannot be formatted: ${errors[0]?.message}`);
  await writeFile(file, code);
}
