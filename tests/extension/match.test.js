import assert from 'node:assert/strict';
import { test } from 'node:test';

import { offersFor, visitTokenOf } from '../../extension/lib/match.js';
import { measured, told } from '../bench/matching.js';
import { offer, offers } from './make.js';

const ids = (address, ...list) => offersFor(offers(...list), address).map(({ id }) => id);

for (const [address, why] of [
  ['https://berta.example/boots', 'the page itself'],
  ['https://ｂerta.example/boots', 'a wide letter, which browsers read as the plain one'],
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
  ['https://bеrta.example/boots', 'a Cyrillic letter that looks the same'],
  ['https://bérta.example/boots', 'an accent'],
  ['https://xn--brta-gva.example/boots', 'the accent as it is sent'],
  ['https://berta。example.evil.example/', 'an ideographic full stop'],
  ['https://berta.example。evil.example/', 'one behind the name'],
  ['https://berta%2Eexample.evil.example/', 'a full stop in disguise'],
  ['https://berta‍.example.evil.example/', 'a joiner that nobody sees'],
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

test('an address with letters of any alphabet is the one that the server knows', () => {
  const shoes = offer({ hosts: ['xn--schuhgre-wya3u.example'] });
  assert.deepEqual(ids('https://schuhgröße.example/', shoes), ['boots']);
  assert.deepEqual(ids('https://SCHUHGRÖßE.example/', shoes), ['boots']);
  assert.deepEqual(ids('https://schuhgroesse.example/', shoes), []);
});

for (const suffix of ['example', 'com', 'co.uk', 'com.au', 'gov.uk', 'ac.at', 'or.jp', 'org.nz']) {
  test(`nobody has everything below ${suffix}`, () => {
    const greedy = offer({ hosts: [suffix] });
    assert.deepEqual(ids(`https://berta.${suffix}/`, greedy), []);
    assert.deepEqual(ids(`https://www.berta.${suffix}/`, greedy), []);
    assert.deepEqual(ids(`https://www.berta.${suffix}/`, offer({ hosts: [`berta.${suffix}`] })), [
      'boots',
    ]);
  });
}

test('a port that is usual may be written out by the server too', () => {
  const written = offer({ hosts: ['berta.example:443'] });
  assert.deepEqual(ids('https://www.berta.example/', written), ['boots']);
  assert.deepEqual(ids('http://berta.example/', written), []);
  assert.deepEqual(ids('http://berta.example:443/', written), ['boots']);
});

test('an address of the newer kind is itself alone', () => {
  const local = offer({ hosts: ['[::1]:8003'] });
  assert.deepEqual(ids('http://[::1]:8003/boots', local), ['boots']);
  assert.deepEqual(ids('http://[::2]:8003/boots', local), []);
});

test('ten thousand offers of one brand are put in order in a moment', () => {
  const many = Array.from({ length: 10_000 }, (_, number) =>
    offer({ id: String(number), page_url: `https://berta.example/${number}` }),
  );
  const [first] = ids('https://berta.example/7777', ...many);
  assert.equal(first, '7777');
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

test('ten thousand offers are matched in less than 5 ms, and ten times as fast as naively', () => {
  const found = measured();
  console.log(`# ${told(found)}`);
  assert.ok(found.ours < 5 && found.elsewhere < 5, told(found));
  assert.ok(found.naive > 10 * found.ours, told(found));
});
