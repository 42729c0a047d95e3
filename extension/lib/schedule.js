/**
 * Where somebody stands in an offer's schedule of rates.  Pure; the engine's own words for this are
 * in docs/ENGINE.md §3: within a band each credit earns the band's rate.
 *
 * @import {OfferOut} from './types.js'
 *
 * @typedef {object} Step
 * @property {number} rate_basis_points
 * @property {number} from_minor  The credit at which the step begins.
 * @property {number} filled  How much of it is behind the person, from 0 to 1.
 *
 * @typedef {object} Standing
 * @property {number} rate_basis_points  What the next credit earns.
 * @property {number | null} next_basis_points  The rate of the next step; null on the highest.
 * @property {number} left_minor  The credit that is missing to it.
 * @property {number} at  The place between 0 and the number of steps.
 * @property {Step[]} steps
 */

/** The highest step has no end; whoever is on it stands in its middle. */
const MIDDLE = 0.5;

/**
 * @param {Pick<OfferOut, 'rates_basis_points' | 'thresholds_minor'>} offer
 * @param {number} creditMinor
 * @returns {Standing}
 */
export function standing({ rates_basis_points, thresholds_minor }, creditMinor) {
  const credit = Math.max(0, creditMinor);
  const steps = rates_basis_points.map((rate, place) => {
    const from = thresholds_minor[place] ?? 0;
    const to = thresholds_minor[place + 1];
    const within = to === undefined ? MIDDLE : (credit - from) / (to - from);
    const filled = credit < from ? 0 : Math.min(within, 1);
    return { rate_basis_points: rate, from_minor: from, filled };
  });
  const here = steps.findLastIndex(({ from_minor }) => from_minor <= credit);
  const next = steps[here + 1];
  return {
    rate_basis_points: steps[here]?.rate_basis_points ?? 0,
    next_basis_points: next?.rate_basis_points ?? null,
    left_minor: next ? next.from_minor - credit : 0,
    at: here + (steps[here]?.filled ?? 0),
    steps,
  };
}
