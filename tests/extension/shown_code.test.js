/** What a code that is shown says over time, and how it is read aloud. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { clockOf, secondsLeft, spelled, turnOf, typedAt } from '../../extension/lib/shown_code.js';

const MADE = 1_796_000_000_000;
const ENDS = MADE + 900_000;

describe('the life of a code', () => {
  test('is counted in whole seconds, of which the last one counts', () => {
    assert.equal(secondsLeft(ENDS, MADE), 900);
    assert.equal(secondsLeft(ENDS, MADE + 1), 900);
    assert.equal(secondsLeft(ENDS, ENDS - 1), 1);
  });

  test('is over and stays so', () => {
    assert.equal(secondsLeft(ENDS, ENDS), 0);
    assert.equal(secondsLeft(ENDS, ENDS + 86_400_000), 0);
  });

  test('is written as on a clock', () => {
    assert.deepEqual([900, 605, 59, 0].map(clockOf), ['15:00', '10:05', '0:59', '0:00']);
  });

  test('is said aloud twice: shortly before the end, and at the end', () => {
    const said = [];
    for (let left = 900; left >= 0; left -= 1) {
      const turn = turnOf(left + 1, left);
      if (turn) said.push([left, turn]);
    }
    assert.deepEqual(said, [[120, 'soon'], [0, 'over']]);
  });

  test('is said aloud although the window slept through the moment', () => {
    assert.equal(turnOf(500, 30), 'soon');
    assert.equal(turnOf(500, 0), 'over');
    assert.equal(turnOf(0, 0), null);
  });

  test('of a code that is almost over is said at once', () => {
    assert.equal(turnOf(Infinity, 90), 'soon');
    assert.equal(turnOf(Infinity, 900), null);
  });
});

describe('a spoken code', () => {
  test('is read in groups by the eye and one by one by the ear', () => {
    assert.deepEqual(spelled('7KQF-9M2X'), {
      groups: ['7KQF', '9M2X'],
      aloud: '7, K, Q, F; 9, M, 2, X',
      hasDoubles: false,
    });
  });

  test('tells apart what looks alike', () => {
    assert.equal(spelled('0KQF-9M2X').hasDoubles, true);
    assert.equal(spelled('7KQF-9M1X').hasDoubles, true);
  });

  test('is typed at the page above the addresses of codes', () => {
    assert.equal(typedAt('https://fanfare.example/p/AQAQ'), 'fanfare.example/p');
    assert.equal(typedAt('http://127.0.0.1:8000/p/AQAQ'), '127.0.0.1:8000/p');
  });
});
