import { queryError } from './protocol.ts';
import { parseQuery, queryAnswer } from './query-protocol.ts';

const body = (text: string) => text.replace(/<RequestId>[^<]*<\/RequestId>/, '<RequestId/>');

describe('a call of the query protocol', () => {
  it("has the API's members, lists and structures", () => {
    const form =
      'Action=Do&Version=2010-08-01&Name=a%20b&Names.member.2=y&Names.member.1=x' +
      '&Flat.1=p&Flat.2=q&Dimensions.member.1.Name=n&Dimensions.member.1.Value=v&Inner.Deep.Leaf=1';
    expect(parseQuery(form)).toEqual({
      operation: 'Do',
      input: {
        Name: 'a b',
        Names: ['x', 'y'],
        Flat: ['p', 'q'],
        Dimensions: [{ Name: 'n', Value: 'v' }],
        Inner: { Deep: { Leaf: '1' } },
      },
    });
  });

  it('sorts list items by number, not as text', () => {
    const items = Array.from({ length: 11 }, (_, index) => `L.member.${index + 1}=${index + 1}`);
    expect(parseQuery(items.sort().join('&')).input).toEqual({
      L: ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11'],
    });
  });

  it('is answered in XML', () => {
    const result = {
      Name: 'a<b>&"c"',
      At: new Date(0),
      None: undefined,
      Empty: [],
      Items: [{ Value: 1 }, { Value: 2 }],
    };
    expect(body(queryAnswer('Do', result, 'urn:x').body)).toBe(
      '<DoResponse xmlns="urn:x"><DoResult><Name>a&lt;b&gt;&amp;&quot;c&quot;</Name>' +
        '<At>1970-01-01T00:00:00.000Z</At><Empty></Empty>' +
        '<Items><member><Value>1</Value></member><member><Value>2</Value></member></Items></DoResult>' +
        '<ResponseMetadata><RequestId/></ResponseMetadata></DoResponse>',
    );
  });

  it('has errors in XML', () => {
    const { status, body: text } = queryError(400, 'ValidationError', 'no < stack', 'urn:x');
    expect(status).toBe(400);
    expect(body(text)).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<ErrorResponse xmlns="urn:x"><Error><Type>Sender</Type><Code>ValidationError</Code>' +
        '<Message>no &lt; stack</Message></Error><RequestId/></ErrorResponse>',
    );
  });
});
