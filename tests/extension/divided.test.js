import assert from 'node:assert/strict';
import test from 'node:test';

import { PARTS_MAX, divided, partsWith } from '../../extension/lib/divided.js';
import { offersFor } from '../../extension/lib/match.js';
import { offer, offers } from './make.js';

const many = (count, change = {}) =>
  Array.from({ length: count }, (_, number) =>
    offer({ id: String(number), hosts: [`b${number}.example`, `shop.b${number}.co.uk`], ...change }),
  );
const found = ({ sites, parts }, ...names) =>
  partsWith(sites, names).flatMap((number) => parts[number]);

test('an offer is found in one part by each of its domains', () => {
  const kept = divided(offers(...many(10_000)));
  for (const name of ['b7777.example', 'shop.b7777.co.uk']) {
    const part = found(kept, name);
    assert.ok(part.length <= 50, String(part.length));
    assert.equal(part.filter(({ id }) => id === '7777').length, 1);
  }
});

test('a part is read once, whatever names lead to it', () => {
  const { sites } = divided(offers(...many(3)));
  assert.deepEqual(partsWith(sites, ['b1.example', 'shop.b1.co.uk', 'b2.example']), [0]);
});

test('no other domain leads there', () => {
  const { sites } = divided(offers(...many(100)));
  for (const name of ['1.example', 'b1.exampl', 'b1.example.org', 'shop.b1', '', 'B1.example', '0']) {
    assert.deepEqual(partsWith(sites, [name]), [], name);
  }
});

test('one brand with many offers has them all, in their order', () => {
  const kept = divided(offers(...many(400, { hosts: ['b.example'] }), ...many(5)));
  assert.ok(kept.parts.length > 1);
  const ids = found(kept, 'b.example').filter(({ hosts }) => hosts[0] === 'b.example');
  assert.deepEqual(ids.map(({ id }) => Number(id)), Array.from({ length: 400 }, (_, id) => id));
});

test('a page finds in its parts what it finds in the whole', () => {
  const whole = offers(...many(300), ...many(120, { hosts: ['b.example', 'b5.example'] }));
  const kept = divided(whole);
  for (const names of [['b5.example'], ['www.b5.example', 'b5.example'], ['b.example'], ['c.example']]) {
    const page = `https://${names[0]}/boots`;
    const parts = offers(...found(kept, ...names));
    const ids = (document) => offersFor(document, page).map(({ id }) => id).sort();
    assert.deepEqual(ids(parts), ids(whole));
  }
});

test('what all offers share is kept whole, and there are never too many parts', () => {
  const { offers: _none, ...common } = offers();
  const kept = divided(offers(...many(30_000)));
  assert.deepEqual(kept.common, common);
  assert.equal(kept.count, 30_000);
  assert.ok(kept.parts.length <= PARTS_MAX);
  assert.deepEqual(divided(offers()).parts, []);
});
