import { XMLParser, XMLValidator } from 'fast-xml-parser';
import * as v from 'valibot';
import { S3Error } from '../errors.ts';

/** An element: name and content. Undefined content omits the element. */
export type XmlNode = readonly [
  name: string,
  content: string | number | boolean | undefined | readonly XmlNode[],
];

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A document in the S3 namespace. */
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

/** Control characters are escaped as references; otherwise XML parsers would drop or normalise them. */
function escape(text: string): string {
  // eslint-disable-next-line no-control-regex -- keys may hold any of them
  return text.replace(/[&<>"\u0000-\u001f\u007f]/g, (c) => NAMED[c] ?? `&#${c.charCodeAt(0)};`);
}

/** Elements that may be repeated. */
const LISTS: ReadonlySet<string> = new Set([
  'Event',
  'FilterRule',
  'Object',
  'Part',
  'QueueConfiguration',
  'Tag',
]);

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  // Raise the library's limit on expanded entities: a list of a thousand unusual keys can exceed it.
  processEntities: false,
  isArray: (name) => LISTS.has(name),
});

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#([0-9]+)|(amp|lt|gt|quot|apos));/gi, (_, hex, decimal, name) =>
    name ? (ENTITIES[name.toLowerCase()] ?? '') : String.fromCodePoint(hex ? parseInt(hex, 16) : +decimal),
  );
}

/** Text of an element, with references resolved. */
export const xmlText = v.pipe(v.string(), v.transform(unescape));

/**
 * Parses a request document and validates its root element by `schema`.
 *
 * @throws S3Error MalformedXML
 */
export function parseXml<T>(text: string, schema: v.GenericSchema<unknown, T>): T {
  if (XMLValidator.validate(text) !== true) throw new S3Error('MalformedXML');
  const result = v.safeParse(schema, parser.parse(text));
  if (!result.success) throw new S3Error('MalformedXML');
  return result.output;
}
