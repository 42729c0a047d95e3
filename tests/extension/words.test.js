/** Small things: addresses, money, texts, and what an answer that is no success says. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decimal, money } from '../../extension/lib/money.js';
import { passes, problemFrom } from '../../extension/lib/problem.js';
import { serverOrigin } from '../../extension/lib/server.js';

for (const [typed, origin] of [
  ['https://fanfare.example', 'https://fanfare.example'],
  [' fanfare.example/ ', 'https://fanfare.example'],
  ['https://fanfare.example:8443', 'https://fanfare.example:8443'],
  ['http://127.0.0.1:8000/', 'http://127.0.0.1:8000'],
  ['http://localhost:8000', 'http://localhost:8000'],
  ['http://fanfare.example', null],
  ['http://127.0.0.1.evil.example', null],
  ['https://ada:secret@fanfare.example', null],
  ['https://fanfare%20example', null],
  ['fan*fare.example', null],
  ['https://größe.example', 'https://xn--gre-6ka8i.example'],
  ['https://fanfare.example/path', null],
  ['https://fanfare.example/?q', null],
  ['ftp://fanfare.example', null],
  ['javascript:alert(1)', null],
  ['', null],
]) {
  test(`the server of "${typed}" is ${origin}`, () => {
    assert.equal(serverOrigin(typed), origin);
  });
}

for (const [minor, digits, text] of [
  [1840, 2, '18.40'],
  [5, 2, '0.05'],
  [-5, 2, '-0.05'],
  [1840, 0, '1840'],
  [1840, 3, '1.840'],
  [9007199254740991, 2, '90071992547409.91'],
]) {
  test(`${minor} with ${digits} digits is ${text}`, () => {
    assert.equal(decimal(minor, digits), text);
  });
}

test('money follows its currency', () => {
  assert.equal(money(1840, 'EUR', 'en'), '€18.40');
  assert.equal(money(1840, 'JPY', 'en'), '¥1,840');
  assert.equal(money(9007199254740991, 'EUR', 'en'), '€90,071,992,547,409.91');
});

test('a problem document is read by the last part of its type', () => {
  const body = JSON.stringify({
    type: 'https://f.example/problems/claim-refused', key: 'own_link', detail: 'Your own link.',
  });
  assert.deepEqual(problemFrom(422, body, null).trouble, {
    status: 422, slug: 'claim-refused', key: 'own_link', detail: 'Your own link.',
    retry_after_seconds: 0,
  });
});

test('an OAuth error is read too', () => {
  const body = '{"error":"invalid_grant","error_description":"Gone."}';
  const { trouble } = problemFrom(400, body, null);
  assert.deepEqual([trouble.slug, trouble.detail], ['invalid_grant', 'Gone.']);
});

for (const body of ['', '<h1>Bad gateway</h1>', '[]', 'null', '"x"']) {
  test(`an answer of ${JSON.stringify(body)} is a problem without words`, () => {
    const { trouble } = problemFrom(502, body, '7');
    assert.deepEqual(trouble, {
      status: 502, slug: 'http', key: '', detail: '', retry_after_seconds: 7,
    });
    assert.equal(passes(trouble), true);
  });
}

test('a Retry-After that is a date is left aside', () => {
  const { trouble } = problemFrom(503, '', 'Sun, 22 Nov 2026 10:00:00 GMT');
  assert.equal(trouble.retry_after_seconds, 0);
});
