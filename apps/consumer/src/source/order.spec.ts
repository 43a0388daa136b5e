import { inProcessingOrder } from './order.ts';

const keys = ['a', 'b', 'c', 'd', 'e'];

it('is oldest first', () => {
  expect(inProcessingOrder(keys, 0)).toEqual(keys);
});

it('begins each window elsewhere for another consumer', () => {
  expect(inProcessingOrder(keys, 1, 3)).toEqual(['b', 'c', 'a', 'e', 'd']);
  expect(inProcessingOrder(keys, 5, 3)).toEqual(['c', 'a', 'b', 'e', 'd']);
});
