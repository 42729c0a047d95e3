import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasTakenBack, viewOf } from '../../extension/lib/look.js';
import { offer, offers, trouble, wallet } from './make.js';

const KNOWN = {
  session: 'ada',
  hasSignInEnded: false,
  isFresh: true,
  wallet: null,
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

test('before the server was asked, nothing kept is no trouble yet', () => {
  assert.equal(name({ offers: { document: null, trouble: null }, isFresh: false }), 'looking');
});

test('kept offers come with the trouble that made them old', () => {
  const view = viewOf({ ...KNOWN, offers: { document: offers(offer()), trouble: trouble(503) } });
  assert.deepEqual(view.trouble, trouble(503));
});

test('who was signed out by the server is told', () => {
  assert.equal(viewOf({ ...KNOWN, session: null, hasSignInEnded: true }).hasSignInEnded, true);
});

test('an offer that has ended is known by what was earned in it', () => {
  const ended = { offers: { document: offers(), trouble: null }, wallet: wallet({ has_ended: true }) };
  assert.equal(name(ended), 'ended');
  assert.equal(name({ ...ended, address: 'https://other.example/boots' }), 'no-offer');
  assert.equal(name({ ...ended, address: 'chrome://newtab/' }), 'no-offer');
  assert.equal(name({ ...ended, wallet: wallet() }), 'no-offer');
});

test('a consent is taken back when every link of the offer is', () => {
  const of = (...withdrawn) => ({
    ...wallet(),
    shares: withdrawn.map((is) => ({ offer_id: 'boots', withdrawn: is })),
  });
  assert.equal(hasTakenBack(of(true, true), 'boots'), true);
  assert.equal(hasTakenBack(of(true, false), 'boots'), false);
  assert.equal(hasTakenBack(of(true), 'shoes'), false);
  assert.equal(hasTakenBack(null, 'boots'), false);
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
