/**
 * The offers as last fetched, kept in parts (divided.js); one look at a page reads the parts that
 * it needs.
 *
 * @import {OffersOut} from './types.js'
 * @import {Local} from './storage.js'
 */

import { divided, partsWith } from './divided.js';
import { namesOf, pageOf } from './match.js';
import { local, offersPart, partsFrom } from './storage.js';

/**
 * Keep a document instead of the one before.
 *
 * @param {{ etag: string, document: OffersOut }} fetched
 * @throws {Problem} `storage-full`
 */
export async function keep({ etag, document }) {
  const { parts, ...head } = divided(document);
  const named = parts.map((part, number) => [offersPart(number), part]);
  await local.write({ offers: { etag, ...head }, ...Object.fromEntries(named) });
  await local.forget(partsFrom(parts.length));
}

/**
 * Return the kept document with those of its offers that may belong to a page.
 *
 * @param {Local['offers'] | undefined} offers  As it is stored.
 * @param {string | undefined} address  What the tab shows.
 * @returns {Promise<OffersOut | null>}
 */
export async function keptFor(offers, address) {
  if (!offers) return null;
  const page = pageOf(address);
  const names = partsWith(offers.sites, page ? namesOf(page) : []).map(offersPart);
  const parts = names.length ? await local.these(names) : {};
  return { ...offers.common, offers: names.flatMap((name) => parts[name] ?? []) };
}
