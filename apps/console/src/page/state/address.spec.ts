import { apiPath, href, parseRoute, tokenOf } from './address.ts';

const HOSTILE = [
  'a&b=c#d?e',
  '<img src=x onerror=alert(1)>',
  'x\u202ey',
  'a\nb\0c',
  '__proto__',
  '100%',
  ' + ',
];

describe('href and parseRoute', () => {
  it.each(HOSTILE)('return the same key %p', (key) => {
    expect(parseRoute(href('file', { key }))).toEqual({ view: 'file', params: { key } });
  });

  it('leave out settings that are not set', () => {
    expect(href('bundles', { key: undefined, find: '' })).toBe('#/bundles');
  });

  it.each(['', '#', '#/', '#/nonsense', '#token=abc', '#/constructor'])('shows the flow for %p', (hash) => {
    expect(parseRoute(hash).view).toBe('flow');
  });
});

describe('tokenOf', () => {
  it('reads the token of the printed address only', () => {
    expect(tokenOf('#token=aB3_-x')).toBe('aB3_-x');
    expect(tokenOf('#/file?key=token=x')).toBeUndefined();
    expect(tokenOf('#token=')).toBeUndefined();
  });
});

describe('apiPath', () => {
  it('encodes values and leaves out undefined ones', () => {
    expect(apiPath('/api/files', { part: 'a&b=ü', after: undefined, limit: 5 })).toBe(
      '/api/files?part=a%26b%3D%C3%BC&limit=5',
    );
    expect(apiPath('/api/flow')).toBe('/api/flow');
  });

  it('keeps an empty value, which the server may require', () => {
    expect(apiPath('/api/files', { part: '' })).toBe('/api/files?part=');
  });
});
