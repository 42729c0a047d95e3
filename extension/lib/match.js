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
 * Names below which nobody owns everything: a top-level domain, and the names under which a country
 * gives out domains.  The server knows the whole list of public suffixes and lets no brand have one
 * (docs/DECISIONS/0040); this is the short rule for the day when it errs.
 */
const GIVEN_OUT = /^([^.]+|(ac|co|com|edu|gob|gov|gv|ltd|mil|ne|net|nom|or|org|plc|sch)\.[a-z]{2})$/;

const USUAL_PORTS = new Map([
  ['http:', '80'],
  ['https:', '443'],
]);

/**
 * Return the offers for a page, the closest first: the offer of this very page, then of pages
 * above it, then others of the same host, then those of the brand's parent domain.
 *
 * The page has a handful of names, so these are looked up, and ten thousand offers are only passed
 * by: nothing is read or kept of an offer that is not for this page.
 *
 * @param {OffersOut} offers
 * @param {string | undefined} address  What the tab shows; undefined when the browser hides it.
 * @returns {OfferOut[]}
 */
export function offersFor(offers, address) {
  const page = pageOf(address);
  if (!page) return [];

  const names = namesOf(page);
  return offers.offers
    .filter(({ hosts }) => hosts.some((host) => names.has(host)))
    .map((offer) => ({ offer, closeness: closeness(offer, page) }))
    .sort((a, b) => b.closeness - a.closeness)
    .map(({ offer }) => offer);
}

/**
 * Return the verified domain of the offer's brand that the page lies on, or null.
 *
 * @param {OfferOut} offer
 * @param {URL} page
 */
export function hostOf(offer, page) {
  const names = namesOf(page);
  return offer.hosts.find((host) => names.has(host)) ?? null;
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
 * Return every domain that a page lies on, as the server writes domains: small, in ASCII
 * (`xn--...`), with a port where it is not the usual one.  `notberta.example` does not lie on
 * `berta.example`, and nothing lies below a number.
 *
 * @param {URL} page
 */
export function namesOf(page) {
  const name = plain(page.hostname);
  const isNumber = name.startsWith('[') || /^[\d.]+$/.test(name);
  const labels = name.split('.');
  const above = labels.slice(1).map((_, place) => labels.slice(place + 1).join('.'));
  const names = [name, ...(isNumber ? [] : above.filter((one) => !GIVEN_OUT.test(one)))];

  const port = page.port || USUAL_PORTS.get(page.protocol);
  const written = names.map((one) => `${one}:${port}`);
  return new Set(page.port ? written : [...names, ...written]);
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
