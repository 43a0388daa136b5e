import { measurementsOf } from './emf.ts';

const line = (Dimensions: string[][], fields: object) => ({
  _aws: {
    Timestamp: 1,
    CloudWatchMetrics: [
      { Namespace: 'N', Dimensions, Metrics: [{ Name: 'A', Unit: 'Count' }, { Name: 'B' }] },
    ],
  },
  ...fields,
});
const metric = (name: string, dimensions: object) => ({ namespace: 'N', name, dimensions });

it.each([
  ['a line without metrics', { message: 'x' }, []],
  ['no object', 'x', []],
  [
    'one set of dimensions',
    line([['service']], { service: 's', A: 1, B: [2, 3] }),
    [
      { metric: metric('A', { service: 's' }), value: 1 },
      { metric: metric('B', { service: 's' }), value: 2 },
      { metric: metric('B', { service: 's' }), value: 3 },
    ],
  ],
  ['no dimensions', line([], { A: 1 }), [{ metric: metric('A', {}), value: 1 }]],
  [
    'two sets of dimensions',
    line([['x'], []], { x: 'y', A: 1 }),
    [
      { metric: metric('A', { x: 'y' }), value: 1 },
      { metric: metric('A', {}), value: 1 },
    ],
  ],
  ['a value that is not a number', line([[]], { A: 'one', B: 0 }), [{ metric: metric('B', {}), value: 0 }]],
])('%s', (_, json, expected) => {
  expect(measurementsOf(json)).toEqual(expected);
});
