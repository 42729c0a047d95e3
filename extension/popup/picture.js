/**
 * The picture of an offer's schedule: a step for each rate, filled as far as the person has come.
 *
 * @import {Standing} from '../lib/schedule.js'
 * @import {OfferOut} from '../lib/types.js'
 */

import { element } from '../lib/dom.js';
import { money, percent } from '../lib/money.js';
import { standing } from '../lib/schedule.js';
import { say } from '../lib/words.js';

const WIDTH = 348;
const GAP = 4;
const [TOP, GROUND, FLOOR] = [20, 62, 12];

/** With more steps than this only the ends and the step of now have their numbers. */
const NUMBERED = 5;

/**
 * Return the picture and its sentence; nothing for an offer with one rate, whose promise says it.
 *
 * @param {OfferOut} offer
 * @param {number} creditMinor
 * @returns {Node[]}
 */
export function schedulePicture(offer, creditMinor) {
  if (offer.rates_basis_points.length < 2) return [];
  const stands = standing(offer, creditMinor);
  const amount = (/** @type {number} */ minor) =>
    money(minor, offer.currency, say('localeCode'), { trailingZeroDisplay: 'stripIfInteger' });
  const rate = (/** @type {number} */ points) => percent(points, say('localeCode'));
  const words =
    stands.next_basis_points === null
      ? say('scheduleTop', rate(stands.rate_basis_points))
      : say(
          'scheduleNext',
          rate(stands.rate_basis_points),
          amount(stands.left_minor),
          rate(stands.next_basis_points),
        );
  const svg = drawn('svg', {
    class: 'steps',
    viewBox: `0 0 ${WIDTH} 80`,
    role: 'img',
    'aria-labelledby': 'steps-words',
  });
  svg.append(...shapes(stands, rate, amount));
  return [svg, element('p', { id: 'steps-words', class: 'small' }, words)];
}

/**
 * @param {Standing} stands
 * @param {(points: number) => string} rate
 * @param {(minor: number) => string} amount
 */
function shapes({ steps, at }, rate, amount) {
  const width = WIDTH / steps.length;
  const highest = Math.max(...steps.map(({ rate_basis_points }) => rate_basis_points));
  const here = Math.min(Math.floor(at), steps.length - 1);
  const topOf = (/** @type {number} */ points) =>
    GROUND - FLOOR - ((GROUND - FLOOR - TOP) * points) / highest;

  const bars = steps.flatMap(({ rate_basis_points, from_minor, filled }, place) => {
    const [x, y] = [place * width, topOf(rate_basis_points)];
    const bar = { x, y, height: GROUND - y, rx: 3 };
    const isNumbered =
      steps.length <= NUMBERED || [0, here, steps.length - 1].includes(place);
    return [
      drawn('rect', { ...bar, width: width - GAP, class: 'ahead' }),
      ...(filled ? [drawn('rect', { ...bar, width: (width - GAP) * filled, class: 'behind' })] : []),
      ...(isNumbered
        ? [
            written(rate(rate_basis_points), x + 1, y - 5, place === here ? 'here' : ''),
            written(amount(from_minor), x + 1, GROUND + 14, 'from'),
          ]
        : []),
    ];
  });
  const x = here * width + (width - GAP) * (steps[here]?.filled ?? 0);
  const y = (topOf(steps[here]?.rate_basis_points ?? 0) + GROUND) / 2;
  return [...bars, drawn('circle', { cx: Math.max(x, 6), cy: y, r: 6, class: 'person' })];
}

/**
 * @param {string} words
 * @param {number} x
 * @param {number} y
 * @param {string} look
 */
function written(words, x, y, look) {
  const text = drawn('text', { x, y, class: look });
  text.textContent = words;
  return text;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
export function drawn(tag, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}
