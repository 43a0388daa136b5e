import { XMLParser, XMLValidator } from 'fast-xml-parser';
import * as v from 'valibot';
import { S3Error } from '../errors.ts';

/** An element: its name and its content. An undefined content leaves the element out. */
export type XmlNode = readonly [
  name: string,
  content: string | number | boolean | undefined | readonly XmlNode[],
];

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A document of the S3 namespace. */
export function xmlDocument([name, content]: XmlNode): string {
  const inner = render(content);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="${NAMESPACE}">${inner}</${name}>`;
}

/** An error document, which has no namespace. */
export function errorDocument(details: Record<string, string>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderNode(['Error', Object.entries(details)])}`;
}

function render(content: XmlNode[1]): string {
  if (content === undefined) return '';
  return typeof content === 'object' ? content.map(renderNode).join('') : escape(String(content));
}

function renderNode([name, content]: XmlNode): string {
  return content === undefined ? '' : `<${name}>${render(content)}</${name}>`;
}

const NAMED: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters become references, as XML parsers would otherwise drop or normalise them. */
function escape(text: string): string {
  // eslint-disable-next-line no-control-regex -- keys may hold any of them
  return text.replace(/[&<>"\u0000-\u001f\u007f]/g, (c) => NAMED[c] ?? `&#${c.charCodeAt(0)};`);
}

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  // The library limits how many entities it expands; a list of a thousand odd keys may hold more.
  processEntities: false,
  isArray: (name) => name === 'Object' || name === 'Part' || name === 'Tag',
});

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#([0-9]+)|(amp|lt|gt|quot|apos));/gi, (_, hex, decimal, name) =>
    name ? (ENTITIES[name.toLowerCase()] ?? '') : String.fromCodePoint(hex ? parseInt(hex, 16) : +decimal),
  );
}

/** Text of an element, its references resolved. */
export const xmlText = v.pipe(v.string(), v.transform(unescape));

/**
 * Reads a request document into what `schema` says of its root element.
 *
 * @throws S3Error MalformedXML
 */
export function parseXml<T>(text: string, schema: v.GenericSchema<unknown, T>): T {
  if (XMLValidator.validate(text) !== true) throw new S3Error('MalformedXML');
  const result = v.safeParse(schema, parser.parse(text));
  if (!result.success) throw new S3Error('MalformedXML');
  return result.output;
}
