/**
 * What the popup shows for a page.  Pure: everything that is known comes in, one view goes out.
 *
 * @import {KnownOffers, OfferOut, OffersOut, PlaceOut, Trouble, WalletOut} from './types.js'
 *
 * @typedef {object} Known
 * @property {string | null} session
 * @property {boolean} hasSignInEnded  The server has ended the sign-in of before.
 * @property {KnownOffers} offers
 * @property {boolean} isFresh  The server was asked just now; before, only what is kept is known.
 * @property {WalletOut | null} wallet  As last fetched.
 * @property {string | undefined} address  What the tab shows.
 * @property {string[]} stoodDown  Brand domains stood down on so far.
 * @property {string[]} settledVisits  Visits whose question was answered.
 *
 * @typedef {{ name: 'signed-out', hasSignInEnded: boolean }
 *   | { name: 'looking' }
 *   | { name: 'trouble', trouble: Trouble }
 *   | { name: 'no-offer', trouble: Trouble | null }
 *   | { name: 'ended', place: PlaceOut }
 *   | { name: 'stand-down', offer: OfferOut, stoodDown: string[] }
 *   | { name: 'claim', offer: OfferOut, document: OffersOut, visitToken: string }
 *   | OfferView} View
 *
 * @typedef {object} OfferView
 * @property {'offer'} name
 * @property {OfferOut[]} offers  Those for this page, the closest first.
 * @property {OffersOut} document
 * @property {WalletOut | null} wallet
 * @property {Trouble | null} trouble  Why the offers may be old.
 */

import { urlOf } from './address.js';
import { hostOf, offersFor, pageOf, visitTokenOf } from './match.js';
import { SIGNED_OUT, notUnderstood } from './problem.js';
import { standDown } from './standdown.js';

/**
 * Choose the view.  A friend's link comes first, because its question is asked only here.
 *
 * @param {Known} known
 * @returns {View}
 */
export function viewOf({ session, hasSignInEnded, offers, isFresh, wallet, address, ...past }) {
  const { document, trouble } = offers;
  if (!session || trouble?.slug === SIGNED_OUT) return { name: 'signed-out', hasSignInEnded };
  if (!document && !isFresh) return { name: 'looking' };
  if (!document) return { name: 'trouble', trouble: trouble ?? notUnderstood().trouble };

  const found = offersFor(document, address);
  const page = pageOf(address);
  const [offer] = found;
  if (!offer || !page) {
    const place = endedOn(wallet, page);
    return place ? { name: 'ended', place } : { name: 'no-offer', trouble };
  }

  const visitToken = visitTokenOf(address);
  if (visitToken && !past.settledVisits.includes(visitToken)) {
    return { name: 'claim', offer, document, visitToken };
  }
  const decision = standDown(past.stoodDown, hostOf(offer, page) ?? page.host, page);
  if (decision.standsDown) return { name: 'stand-down', offer, stoodDown: decision.domains };
  return { name: 'offer', offers: found, document, wallet, trouble };
}

/**
 * Return the person's place in an offer of this site that has ended.
 *
 * @param {WalletOut | null} wallet
 * @param {URL | null} page
 */
function endedOn(wallet, page) {
  return wallet?.places.find(
    ({ has_ended, page_url }) => has_ended && page !== null && urlOf(page_url)?.host === page.host,
  );
}

/**
 * Say whether somebody took back every link that they had for an offer.
 *
 * @param {WalletOut | null} wallet
 * @param {string} offerId
 */
export function hasTakenBack(wallet, offerId) {
  const made = wallet?.shares.filter(({ offer_id }) => offer_id === offerId) ?? [];
  return made.length > 0 && made.every(({ withdrawn }) => withdrawn);
}
