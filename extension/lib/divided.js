/**
 * The offers document in parts, so that the offers of one page are found by reading a little of
 * it, however many there are.  Pure.
 *
 * Reading ten thousand offers takes a browser a second; a line for each domain and one part of the
 * offers take it a hundredth of that.
 *
 * @import {OfferOut, OffersOut} from './types.js'
 *
 * @typedef {object} Divided
 * @property {Omit<OffersOut, 'offers'>} common  The document without its offers.
 * @property {string} sites  Lines, each a domain and the number of a part with offers for it.
 * @property {number} count  How many offers there are.
 * @property {OfferOut[][]} parts
 */

export const PARTS_MAX = 256;

/** Fewer offers are not worth a part of their own. */
const PART_LENGTH_MIN = 50;

/**
 * Divide a document; the offers of one brand stay together and in their order.
 *
 * @param {OffersOut} document
 * @returns {Divided}
 */
export function divided({ offers, ...common }) {
  const together = [...Map.groupBy(offers, ({ hosts }) => hosts.join(' ')).values()].flat();
  const length = Math.max(PART_LENGTH_MIN, Math.ceil(offers.length / PARTS_MAX));
  const parts = Array.from({ length: Math.ceil(offers.length / length) }, (_, number) =>
    together.slice(number * length, (number + 1) * length),
  );
  const lines = parts.flatMap((part, number) =>
    [...new Set(part.flatMap(({ hosts }) => hosts))].map((host) => `${host} ${number}\n`),
  );
  return { common, sites: `\n${lines.join('')}`, count: offers.length, parts };
}

/**
 * Return the numbers of the parts with offers for any of some domains.
 *
 * @param {string} sites
 * @param {Iterable<string>} names
 */
export function partsWith(sites, names) {
  const found = new Set();
  for (const name of names) {
    const line = `\n${name} `;
    for (let at = sites.indexOf(line); at !== -1; at = sites.indexOf(line, at + 1)) {
      found.add(Number.parseInt(sites.slice(at + line.length), 10));
    }
  }
  return /** @type {number[]} */ ([...found]);
}
