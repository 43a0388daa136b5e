import { IntrinsicError, resolveIntrinsics, type Lookups } from './intrinsics.ts';

const lookups: Lookups = {
  ref: (name) => ({ 'AWS::Region': 'eu-central-1', Queue: 'http://queue', Names: ['a', 'b'] })[name],
  attribute: (id, attribute) => `${id}/${attribute}`,
  condition: (name) =>
    ({
      Yes: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-central-1'] },
      No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    })[name],
};
const resolve = (value: unknown) => resolveIntrinsics(value, lookups);

test.each<[string, unknown, unknown]>([
  ['plain values are unchanged', { a: [1, 'x', null, { b: true }] }, { a: [1, 'x', null, { b: true }] }],
  ['Ref', { Ref: 'Queue' }, 'http://queue'],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'Queue/Arn'],
  ['GetAtt as a string', { 'Fn::GetAtt': 'Queue.Arn' }, 'Queue/Arn'],
  ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }]] }, 'a-eu-central-1'],
  ['Sub', { 'Fn::Sub': '${AWS::Region}/${Queue.Arn}/${!Literal}' }, 'eu-central-1/Queue/Arn/${Literal}'],
  ['Sub with variables', { 'Fn::Sub': ['${x}', { x: { Ref: 'Queue' } }] }, 'http://queue'],
  ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
  ['Select of a list', { 'Fn::Select': ['0', { Ref: 'Names' }] }, 'a'],
  ['If, condition true', { 'Fn::If': ['Yes', 1, 2] }, 1],
  ['If, condition false', { 'Fn::If': ['No', 1, { 'Fn::GetAtt': 'A.B' }] }, 'A/B'],
  ['And, Or', { 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Or': [{ Condition: 'No' }, true] }] }, true],
  ['NoValue drops a property', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }],
  ['NoValue drops an item', [{ 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] }, 2], [2]],
])('%s', (_name, value, expected) => {
  expect(resolve(value)).toEqual(expected);
});

test.each<[string, unknown, string]>([
  ['a dangling reference', { Ref: 'Nobody' }, 'Nobody'],
  ['an unsupported function', { 'Fn::ImportValue': 'x' }, 'Fn::ImportValue'],
  ['a missing condition', { 'Fn::If': ['Maybe', 1, 2] }, 'Maybe'],
  ['an argument of the wrong type', { 'Fn::Join': ['-', 'text'] }, 'Fn::Join'],
])('%s throws an error that names it', (_name, value, named) => {
  expect(() => resolve(value)).toThrow(IntrinsicError);
  expect(() => resolve(value)).toThrow(named);
});
