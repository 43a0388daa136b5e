import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { fillIn } from './markdown.ts';

/** Replaces the texts between the markers of a file, and formats it with Prettier. @throws Error if markers are missing */
export async function fillPage(file: string, texts: Readonly<Record<string, string>>): Promise<void> {
  const filled = Object.entries(texts).reduce(
    (page, [name, text]) => fillIn(page, name, text),
    await readFile(file, 'utf8'),
  );
  await writeFile(file, await format(filled, { ...(await resolveConfig(file)), filepath: file }));
}
