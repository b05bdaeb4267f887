import { expect, test } from '@jest/globals';
import { acceptedOf, jsonType } from '../../src/server/pipeline/media-types.ts';
import { eventStream, multipartStream } from '../../src/server/pipeline/result-stream.ts';

test.each([
  ['multipart/mixed;subscriptionSpec=1.0', multipartStream],
  ['multipart/mixed; boundary="-;,"; SubscriptionSpec = "1.0", application/json', multipartStream],
  ['multipart/mixed;subscriptionSpec=1.05', null],
  ['multipart/mixed;subscriptionSpec=1.0.1', null],
  ['multipart/mixed;x="subscriptionSpec=1.0"', null],
  ['multipart/mixed, x/y;subscriptionSpec=1.0', null],
  ['multipart/mixed;subscriptionSpec=1.0;q=0', null],
  ['text/event-stream', eventStream],
  ['Text/Event-Stream;x="a,b";q=0.5, */*;q=0.1', eventStream],
  ['x/y;z="text/event-stream", */*;q=0.1', null],
  ['x/y;z="\\",text/event-stream", */*;q=0.1', null],
  ['text/event-stream-x', null],
  ['text/event-stream;q=0', null],
  ['text/event-stream;x=";q=0"', eventStream],
])('a client that accepts %s gets streams in this form alone', (accept, stream) => {
  expect(acceptedOf(accept).stream).toBe(stream);
});

test('what is quoted is no quality, no type and no end of one', () => {
  expect(acceptedOf('application/json;x=";q=0", text/html;q=0.1')).toMatchObject({
    json: jsonType,
    html: false,
  });
  expect(acceptedOf('x/y;z="a, text/html"')).toMatchObject({ json: null, html: false });
  expect(acceptedOf('application/json;x="a')).toMatchObject({ json: jsonType });
});
