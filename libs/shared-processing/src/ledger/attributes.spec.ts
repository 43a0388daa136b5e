import { type AttributeValue, fromAttributes, toAttribute, toAttributes } from './attributes.ts';

describe('attributes in DynamoDB’s notation', () => {
  it('convert back to the same item', () => {
    const item = { id: 'é', expires: 10, until: 1_795_381_824_254.025, members: new Uint8Array([0, 255]) };
    expect(fromAttributes(toAttributes(item))).toEqual(item);
  });

  it('omit undefined values', () => {
    expect(toAttributes({ id: 'a', owner: undefined })).toEqual({ id: { S: 'a' } });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('reject %d', (value) => {
    expect(() => toAttribute(value)).toThrow('DynamoDB cannot store the number');
  });

  it('reject types that the ledger does not write', () => {
    const foreign = { id: { S: 'a' }, list: { L: [] } } as unknown as Record<string, AttributeValue>;
    expect(() => fromAttributes(foreign)).toThrow('the attribute list has the type L');
  });
});
