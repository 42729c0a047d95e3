import assert from 'node:assert/strict';
import { test } from 'node:test';

import { broughtByAffiliate, standDown } from '../../extension/lib/standdown.js';

const page = (query) => new URL(`https://berta.example/boots?${query}`);

const SIGNS = [
  'afsrc=1', 'irclickid=x', 'awc=1_2', 'ranMID=3', 'RANMID=3', 'cjevent=9', 'a=b&sscid=c',
];
const NO_SIGNS = [
  '', 'gclid=x', 'fbclid=x', 'afsrc=0', 'awc=', 'q=awc', 'ff=visit-token', 'utm_source=awin',
];

for (const query of SIGNS) {
  test(`${query} is another affiliate's sign`, () => {
    assert.equal(broughtByAffiliate(page(query)), true);
  });
}

for (const query of NO_SIGNS) {
  test(`"${query}" is not`, () => {
    assert.equal(broughtByAffiliate(page(query)), false);
  });
}

test('a brand is stood down on for the rest of the session, wherever its visitor goes', () => {
  const first = standDown([], 'berta.example', page('awc=1'));
  assert.deepEqual(first, { standsDown: true, domains: ['berta.example'] });
  const later = standDown(first.domains, 'berta.example', page(''));
  assert.deepEqual(later, first);
});

test('other brands are not concerned', () => {
  const decision = standDown(['berta.example'], 'carl.example', page(''));
  assert.deepEqual(decision, { standsDown: false, domains: ['berta.example'] });
});
