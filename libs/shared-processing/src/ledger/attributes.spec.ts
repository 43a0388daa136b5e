import { type AttributeValue, fromAttributes, toAttribute, toAttributes } from './attributes.ts';

describe("attributes in DynamoDB's notation", () => {
  it('are the item again when they are read', () => {
    const item = { id: 'é', expires: 10, until: 1_795_381_824_254.025, members: new Uint8Array([0, 255]) };
    expect(fromAttributes(toAttributes(item))).toEqual(item);
  });

  it('leave out what is undefined', () => {
    expect(toAttributes({ id: 'a', owner: undefined })).toEqual({ id: { S: 'a' } });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('do not take %d', (value) => {
    expect(() => toAttribute(value)).toThrow('DynamoDB cannot store the number');
  });

  it('are not guessed where the ledger never wrote such a type', () => {
    const foreign = { id: { S: 'a' }, list: { L: [] } } as unknown as Record<string, AttributeValue>;
    expect(() => fromAttributes(foreign)).toThrow('the attribute list has the type L');
  });
});
