/**
 * Which offers belong to the page that the person is looking at.  Pure: the page's address comes
 * in, offers go out, and nothing leaves the device.
 *
 * @import {OfferOut, OffersOut} from './types.js'
 */

import { urlOf } from './address.js';

/** The part of the address that says which visit brought the person here. */
const VISIT = 'ff';

const VISIT_TOKEN = /^[A-Za-z0-9._~-]{8,100}$/;

/**
 * Return the offers for a page, the closest first: the offer of this very page, then of pages
 * above it, then others of the same host, then those of the brand's parent domain.
 *
 * @param {OffersOut} offers
 * @param {string | undefined} address  What the tab shows; undefined when the browser hides it.
 * @returns {OfferOut[]}
 */
export function offersFor(offers, address) {
  const page = pageOf(address);
  if (!page) return [];

  return offers.offers
    .filter((offer) => hostOf(offer, page) !== null)
    .sort((a, b) => closeness(b, page) - closeness(a, page));
}

/**
 * Return the verified domain of the offer's brand that the page lies on, or null.
 *
 * @param {OfferOut} offer
 * @param {URL} page
 */
export function hostOf(offer, page) {
  return offer.hosts.find((host) => liesOn(page, host)) ?? null;
}

/**
 * Return the token of the visit that brought the person to a page, or null.
 *
 * @param {string | undefined} address
 */
export function visitTokenOf(address) {
  const token = pageOf(address)?.searchParams.get(VISIT) ?? '';
  return VISIT_TOKEN.test(token) ? token : null;
}

/**
 * Read a tab's address; null when it is not a web page.
 *
 * @param {string | undefined} address
 */
export function pageOf(address) {
  const page = address === undefined ? null : urlOf(address);
  return page !== null && ['http:', 'https:'].includes(page.protocol) ? page : null;
}

/**
 * Say whether a page lies on a host or, for names, on a subdomain of it.  The port must be the
 * same one, and `notberta.example` does not lie on `berta.example`.  Nothing lies below a number:
 * URL takes no name that ends in one.
 *
 * @param {URL} page
 * @param {string} host
 */
function liesOn(page, host) {
  const wanted = urlOf(`${page.protocol}//${host}/`);
  if (!wanted || wanted.port !== page.port) return false;
  const [here, there] = [plain(page.hostname), plain(wanted.hostname)];
  return there !== '' && (here === there || here.endsWith(`.${there}`));
}

/** @param {string} hostname */
function plain(hostname) {
  return hostname.toLowerCase().replace(/\.$/, '');
}

/**
 * Say how close an offer's page is to the page: higher is closer, whatever the offer's order.
 *
 * @param {OfferOut} offer
 * @param {URL} page
 */
function closeness(offer, page) {
  const wanted = urlOf(offer.page_url);
  if (!wanted || plain(wanted.hostname) !== plain(page.hostname)) return 0;
  if (wanted.pathname === page.pathname) return Number.MAX_SAFE_INTEGER;
  const folder = wanted.pathname.endsWith('/') ? wanted.pathname : `${wanted.pathname}/`;
  return page.pathname.startsWith(folder) ? 1 + folder.length : 1;
}
