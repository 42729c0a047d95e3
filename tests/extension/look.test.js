import assert from 'node:assert/strict';
import { test } from 'node:test';

import { viewOf } from '../../extension/lib/look.js';
import { offer, offers, trouble } from './make.js';

const KNOWN = {
  session: 'ada',
  offers: { document: offers(offer()), trouble: null },
  address: 'https://berta.example/boots',
  stoodDown: [],
  settledVisits: [],
};
const name = (changes) => viewOf({ ...KNOWN, ...changes }).name;

test('an offer is shown on its page', () => {
  assert.equal(name({}), 'offer');
});

test('who is not signed in is asked to, whatever the page', () => {
  assert.equal(name({ session: null }), 'signed-out');
});

test('who was signed out by the server is asked to sign in, though offers are kept', () => {
  const ended = { document: offers(offer()), trouble: trouble(401, { slug: 'signed-out' }) };
  assert.equal(name({ offers: ended }), 'signed-out');
});

test('kept offers are used without a connection', () => {
  assert.equal(name({ offers: { document: offers(offer()), trouble: trouble(0) } }), 'offer');
});

test('without offers the trouble is shown', () => {
  const view = viewOf({ ...KNOWN, offers: { document: null, trouble: trouble(503) } });
  assert.deepEqual(view, { name: 'trouble', trouble: trouble(503) });
});

test('an empty answer is a trouble too', () => {
  assert.equal(name({ offers: { document: null, trouble: null } }), 'trouble');
});

for (const address of ['https://other.example/', 'chrome://newtab/', undefined]) {
  test(`there is no offer on ${address}`, () => {
    assert.equal(name({ address }), 'no-offer');
  });
}

test('a friend is asked once who brought them', () => {
  const address = 'https://berta.example/boots?ff=visit-token-1';
  const view = viewOf({ ...KNOWN, address });
  assert.deepEqual([view.name, view.visitToken], ['claim', 'visit-token-1']);
  assert.equal(name({ address, settledVisits: ['visit-token-1'] }), 'offer');
});

test('a visit token on a page without an offer means nothing', () => {
  assert.equal(name({ address: 'https://other.example/?ff=visit-token-1' }), 'no-offer');
});

test('standing down remembers the verified domain, not the page', () => {
  const view = viewOf({ ...KNOWN, address: 'https://shop.berta.example/x?awc=1' });
  assert.deepEqual([view.name, view.stoodDown], ['stand-down', ['berta.example']]);
  assert.equal(name({ stoodDown: ['berta.example'] }), 'stand-down');
});
