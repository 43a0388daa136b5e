import * as fc from 'fast-check';
import { isInRange } from './address-range.ts';
import { evaluate, type Request } from './evaluate.ts';
import { matchesPattern } from './pattern.ts';
import { PolicyError, readPolicy } from './policy.ts';

const role = 'arn:aws:iam::000000000000:role/reader';
const request = (more: Partial<Request> = {}): Request => ({
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::landing/in/a.txt',
  principal: { kind: 'role', arn: role },
  context: {},
  ...more,
});
const policy = (...statements: object[]) =>
  readPolicy({ Version: '2012-10-17', Statement: statements }, 'test');
const allow = (more: object = {}) => ({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', ...more });
const deny = (more: object = {}) => ({ ...allow(more), Effect: 'Deny' });

describe("a role's own policies", () => {
  test.each<[string, object[], Partial<Request>, boolean]>([
    ['no statement: denied', [], {}, false],
    ['allowed', [allow()], {}, true],
    ['another action', [allow({ Action: 's3:PutObject' })], {}, false],
    ['an action with a wildcard', [allow({ Action: ['sqs:*', 's3:Get*'] })], {}, true],
    ['actions ignore case', [allow({ Action: 'S3:getobject' })], {}, true],
    ['all actions except another', [{ ...allow(), Action: undefined, NotAction: 's3:Put*' }], {}, true],
    ['all actions except this', [{ ...allow(), Action: undefined, NotAction: ['s3:get*'] }], {}, false],
    [
      'a denial of all other actions',
      [allow(), { ...deny(), Action: undefined, NotAction: 's3:GetObject' }],
      {},
      true,
    ],
    ['resources do', [allow({ Resource: 'arn:aws:s3:::LANDING/*' })], {}, false],
    ['a resource with a wildcard', [allow({ Resource: 'arn:aws:s3:::landing/in/*' })], {}, true],
    ["a bucket's ARN does not cover its objects", [allow({ Resource: 'arn:aws:s3:::landing' })], {}, false],
    ['a denial wins in any position', [deny({ Resource: '*/a.txt' }), allow()], {}, false],
    ['a denial of another resource does not', [allow(), deny({ Resource: '*/b.txt' })], {}, true],
  ])('%s', (_name, statements, more, allowed) => {
    expect(evaluate(policy(...statements), [], request(more)).allowed).toBe(allowed);
  });
});

describe('conditions', () => {
  const given = (Condition: object, context: Record<string, string>) =>
    evaluate(policy(allow({ Condition })), [], request({ context })).allowed;
  test.each<[string, object, Record<string, string>, boolean]>([
    ['equal', { StringEquals: { 's3:prefix': ['in/', 'out/'] } }, { 's3:prefix': 'out/' }, true],
    ['not equal', { StringEquals: { 's3:prefix': 'in/' } }, { 's3:prefix': 'in' }, false],
    ['a missing key equals nothing', { StringEquals: { 's3:prefix': '' } }, {}, false],
    ['a missing key differs from everything', { StringNotEquals: { 's3:prefix': 'in/' } }, {}, true],
    ['like', { StringLike: { 's3:prefix': 'in/*' } }, { 's3:prefix': 'in/2026/' }, true],
    [
      'an ARN like',
      { ArnLike: { 'aws:SourceArn': 'arn:*:landing' } },
      { 'aws:SourceArn': 'arn:x:landing' },
      true,
    ],
    ['a boolean literal', { Bool: { 'aws:SecureTransport': true } }, { 'aws:SecureTransport': 'true' }, true],
    ['a key that must be absent, and is', { Null: { 's3:if-none-match': 'true' } }, {}, true],
    ['a key that must be absent, and is not', { Null: { a: true } }, { a: '' }, false],
    ['a key that must be present, and is', { Null: { a: 'false' } }, { a: '*' }, true],
    ['a key that must be present, and is not', { Null: { a: 'false' } }, {}, false],
    [
      'a different value, if the key is present',
      { Null: { class: 'false' }, StringNotEquals: { class: 'STANDARD' } },
      { class: 'GLACIER' },
      true,
    ],
    [
      'a different value, if the key is absent',
      { Null: { class: 'false' }, StringNotEquals: { class: 'STANDARD' } },
      {},
      false,
    ],
    [
      'all conditions',
      { Bool: { 'aws:SecureTransport': 'true' }, StringEquals: { a: '1' } },
      { 'aws:SecureTransport': 'true', a: '2' },
      false,
    ],
  ])('%s', (_name, condition, context, allowed) => {
    expect(given(condition, context)).toBe(allowed);
  });
});

describe('conditions on addresses', () => {
  const offices = ['203.0.113.0/24', '198.51.100.7', '2001:db8:1::/48'];
  test.each<[string, string, boolean]>([
    ['in a range', '203.0.113.255', true],
    ['beyond it', '203.0.114.0', false],
    ['a single address', '198.51.100.7', true],
    ['its neighbour', '198.51.100.8', false],
    ['in a range of IPv6', '2001:db8:1:ffff::1', true],
    ['beyond that', '2001:db8:2::1', false],
    ['of IPv4, written as IPv6', '::ffff:203.0.113.9', true],
  ])('%s', (_name, address, isIn) => {
    const allowed = (operator: string) =>
      evaluate(
        policy(allow({ Condition: { [operator]: { 'aws:SourceIp': offices } } })),
        [],
        request({ context: { 'aws:SourceIp': address } }),
      ).allowed;
    expect([allowed('IpAddress'), allowed('NotIpAddress')]).toEqual([isIn, !isIn]);
  });

  test('a call without address is in no range', () => {
    const allowed = (operator: string) =>
      evaluate(policy(allow({ Condition: { [operator]: { 'aws:SourceIp': offices } } })), [], request())
        .allowed;
    expect([allowed('IpAddress'), allowed('NotIpAddress')]).toEqual([false, true]);
  });

  test('a range contains the addresses with the same leading bits', () => {
    const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const dotted = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
    fc.assert(
      fc.property(number, number, fc.integer({ min: 0, max: 32 }), (base, other, bits) => {
        // Half of the addresses have the same leading bits by construction.
        const mask = bits === 0 ? 0 : (-1 << (32 - bits)) >>> 0;
        for (const address of [other, ((base & mask) | (other & ~mask)) >>> 0]) {
          const expected = ((address ^ base) & mask) === 0;
          expect(isInRange([`${dotted(base)}/${bits}`], dotted(address))).toBe(expected);
        }
      }),
    );
  });
});

describe("a resource's policy", () => {
  test.each<[string, object, boolean]>([
    ['names the role', allow({ Principal: { AWS: role } }), true],
    ['names everybody', allow({ Principal: '*' }), true],
    ['names another role', allow({ Principal: { AWS: `${role}-2` } }), false],
    [
      "names the account: that leaves it to the role's own",
      allow({ Principal: { AWS: 'arn:aws:iam::000000000000:root' } }),
      false,
    ],
    ['names a service', allow({ Principal: { Service: 's3.amazonaws.com' } }), false],
    ['has no principal', allow(), false],
  ])('%s', (_name, statement, allowed) => {
    expect(evaluate([], policy(statement), request()).allowed).toBe(allowed);
  });

  test("can deny what the role's policy allows", () => {
    const denial = policy(deny({ Sid: 'No', Principal: '*' }));
    expect(evaluate(policy(allow()), denial, request())).toEqual({
      allowed: false,
      reason: 'explicit-deny',
      sid: 'No',
    });
  });

  test('can allow a service to act', () => {
    const principal = { kind: 'service', service: 's3.amazonaws.com' } as const;
    const statement = allow({ Principal: { Service: 's3.amazonaws.com' } });
    expect(evaluate([], policy(statement), request({ principal })).allowed).toBe(true);
  });
});

describe('a policy with unsupported parts is refused', () => {
  test.each<[string, object]>([
    ['both Action and NotAction', { Effect: 'Allow', Action: 's3:*', NotAction: 's3:*', Resource: '*' }],
    ['no action at all', { Effect: 'Allow', Resource: '*' }],
    ['NotResource', { Effect: 'Allow', Action: 's3:*', NotResource: '*' }],
    ['ForAllValues:StringEquals', allow({ Condition: { 'ForAllValues:StringEquals': { a: 'b' } } })],
    ['DateGreaterThan', allow({ Condition: { DateGreaterThan: { 'aws:CurrentTime': 'x' } } })],
    ['Null with a value', allow({ Condition: { Null: { 's3:if-none-match': '*' } } })],
    ['no address', allow({ Condition: { IpAddress: { 'aws:SourceIp': 'office' } } })],
    ['no range', allow({ Condition: { NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/33'] } } })],
    ['Federated', allow({ Principal: { Federated: 'x' } })],
  ])('%s', (_name, statement) => {
    expect(() => policy(statement)).toThrow(PolicyError);
  });
});

test('patterns match like the equivalent regular expressions', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 });
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => {
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
      expect(matchesPattern(pattern, text)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});
