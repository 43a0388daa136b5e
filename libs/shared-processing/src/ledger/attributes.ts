import type { Item } from './table.ts';

/** An attribute value in DynamoDB's notation, limited to the types that the ledger uses. */
export type AttributeValue = { S: string } | { N: string } | { B: string };

export function toAttribute(value: string | number | Uint8Array): AttributeValue {
  if (typeof value === 'string') return { S: value };
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (!Number.isFinite(value)) throw new Error(`DynamoDB cannot store the number ${value}`);
  return { N: String(value) };
}

/** An item in DynamoDB's notation, without undefined attributes. */
export function toAttributes(item: Readonly<Partial<Item>>): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, toAttribute(value)]],
    ),
  );
}

/** @throws Error if an attribute has a type that the ledger does not write */
export function fromAttributes(attributes: Readonly<Record<string, AttributeValue>>): Item {
  const item = Object.entries(attributes).map(([name, value]) => [name, fromAttribute(name, value)] as const);
  return Object.fromEntries(item) as Item;
}

function fromAttribute(name: string, value: AttributeValue): string | number | Uint8Array {
  if ('S' in value) return value.S;
  if ('N' in value) return Number(value.N);
  if ('B' in value) return new Uint8Array(Buffer.from(value.B, 'base64'));
  throw new Error(`the attribute ${name} has the type ${Object.keys(value)[0]}`);
}
