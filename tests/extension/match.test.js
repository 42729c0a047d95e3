import assert from 'node:assert/strict';
import { test } from 'node:test';

import { offersFor, visitTokenOf } from '../../extension/lib/match.js';
import { offer, offers } from './make.js';

const ids = (address, ...list) => offersFor(offers(...list), address).map(({ id }) => id);

for (const [address, why] of [
  ['https://berta.example/boots', 'the page itself'],
  ['https://berta.example/', 'another page of the host'],
  ['https://berta.example:443/boots', 'the usual port written out'],
  ['https://BERTA.example./boots', 'capitals and the root dot'],
  ['https://shop.berta.example/boots', 'a subdomain'],
  ['http://berta.example/boots', 'plain http'],
  ['https://berta.example/boots?size=43#sole', 'a query and a fragment'],
]) {
  test(`an offer is found on ${why}`, () => {
    assert.deepEqual(ids(address, offer()), ['boots']);
  });
}

for (const [address, why] of [
  ['https://notberta.example/boots', 'a name that only ends alike'],
  ['https://berta.example.evil.example/', 'a name that only begins alike'],
  ['https://example/', 'the parent domain'],
  ['https://berta.example:8443/boots', 'another port'],
  ['https://evil.example/berta.example', 'a path that looks alike'],
  ['https://berta.example@evil.example/', 'a user name that looks alike'],
  ['chrome://settings/', 'a page of the browser'],
  ['file:///berta.example/boots', 'a file'],
  ['berta.example', 'no address'],
  [undefined, 'a hidden address'],
]) {
  test(`no offer is found on ${why}`, () => {
    assert.deepEqual(ids(address, offer()), []);
  });
}

test('a host with a port is that port only', () => {
  const local = offer({ hosts: ['127.0.0.1:8003'] });
  assert.deepEqual(ids('http://127.0.0.1:8003/boots', local), ['boots']);
  assert.deepEqual(ids('http://127.0.0.1:8004/boots', local), []);
});

test('a number is no parent domain', () => {
  assert.deepEqual(ids('http://9.127.0.0.1.example/', offer({ hosts: ['0.1'] })), []);
  assert.deepEqual(ids('http://x.127.0.0.1/', offer({ hosts: ['127.0.0.1'] })), []);
});

test('a host that cannot be read matches nothing', () => {
  assert.deepEqual(ids('https://berta.example/', offer({ hosts: ['', 'a b', '/'] })), []);
});

test('the closest offer comes first, then the order of the document', () => {
  const list = [
    offer({ id: 'parent', page_url: 'https://www.berta.example/' }),
    offer({ id: 'host', page_url: 'https://berta.example/hats' }),
    offer({ id: 'folder', page_url: 'https://berta.example/boots' }),
    offer({ id: 'page', page_url: 'https://berta.example/boots/winter' }),
    offer({ id: 'host2', page_url: 'https://berta.example/gloves' }),
    offer({ id: 'elsewhere', hosts: ['other.example'] }),
  ];
  assert.deepEqual(ids('https://berta.example/boots/winter', ...list), [
    'page', 'folder', 'host', 'host2', 'parent',
  ]);
});

test('a visit token is read from the address', () => {
  assert.equal(visitTokenOf('https://berta.example/?a=1&ff=abc-DEF_0123'), 'abc-DEF_0123');
});

for (const address of [
  'https://berta.example/',
  'https://berta.example/?ff=',
  'https://berta.example/?ff=short',
  'https://berta.example/?ff=has%20spaces%20in%20it',
  `https://berta.example/?ff=${'a'.repeat(101)}`,
  'chrome://settings/?ff=abcdefgh',
]) {
  test(`no visit token is read from ${address.slice(0, 50)}`, () => {
    assert.equal(visitTokenOf(address), null);
  });
}
