/** Where somebody stands in a schedule of rates. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { standing } from '../../extension/lib/schedule.js';

const OFFER = { rates_basis_points: [400, 700, 1000], thresholds_minor: [0, 50000, 200000] };

for (const [credit, rate, next, left, at] of [
  [0, 400, 700, 50000, 0],
  [-1, 400, 700, 50000, 0],
  [25000, 400, 700, 25000, 0.5],
  [49999, 400, 700, 1, 0.99998],
  [50000, 700, 1000, 150000, 1],
  [182000, 700, 1000, 18000, 1.88],
  [200000, 1000, null, 0, 2.5],
  [9007199254740991, 1000, null, 0, 2.5],
]) {
  test(`a credit of ${credit} stands at ${at}`, () => {
    const stands = standing(OFFER, credit);
    assert.deepEqual(
      [stands.rate_basis_points, stands.next_basis_points, stands.left_minor, stands.at],
      [rate, next, left, at],
    );
  });
}

test('steps are filled up to where the person stands', () => {
  assert.deepEqual(standing(OFFER, 125000).steps.map(({ filled }) => filled), [1, 0.5, 0]);
});

test('one rate for everything is one step', () => {
  const stands = standing({ rates_basis_points: [500], thresholds_minor: [0] }, 100);
  assert.deepEqual([stands.rate_basis_points, stands.next_basis_points], [500, null]);
});
