/**
 * What the popup shows for a page.  Pure: everything that is known comes in, one view goes out.
 *
 * @import {KnownOffers, OfferOut, OffersOut, Trouble} from './types.js'
 *
 * @typedef {object} Known
 * @property {string | null} session
 * @property {KnownOffers} offers
 * @property {string | undefined} address  What the tab shows.
 * @property {string[]} stoodDown  Brand domains stood down on so far.
 * @property {string[]} settledVisits  Visits whose question was answered.
 *
 * @typedef {{ name: 'signed-out' }
 *   | { name: 'trouble', trouble: Trouble }
 *   | { name: 'no-offer' }
 *   | { name: 'stand-down', offer: OfferOut, stoodDown: string[] }
 *   | { name: 'claim', offer: OfferOut, document: OffersOut, visitToken: string }
 *   | { name: 'offer', offers: OfferOut[], document: OffersOut }} View
 */

import { hostOf, offersFor, pageOf, visitTokenOf } from './match.js';
import { SIGNED_OUT, notUnderstood } from './problem.js';
import { standDown } from './standdown.js';

/**
 * Choose the view.  A friend's link comes first, because its question is asked only here.
 *
 * @param {Known} known
 * @returns {View}
 */
export function viewOf({ session, offers, address, stoodDown, settledVisits }) {
  const { document, trouble } = offers;
  if (!session || trouble?.slug === SIGNED_OUT) return { name: 'signed-out' };
  if (!document) return { name: 'trouble', trouble: trouble ?? notUnderstood().trouble };

  const found = offersFor(document, address);
  const page = pageOf(address);
  const [offer] = found;
  if (!offer || !page) return { name: 'no-offer' };

  const visitToken = visitTokenOf(address);
  if (visitToken && !settledVisits.includes(visitToken)) {
    return { name: 'claim', offer, document, visitToken };
  }
  const decision = standDown(stoodDown, hostOf(offer, page) ?? page.host, page);
  if (decision.standsDown) return { name: 'stand-down', offer, stoodDown: decision.domains };
  return { name: 'offer', offers: found, document };
}
