/**
 * The text that goes with a link, and the address that a network's own share dialog opens with.
 * Pure; what each network takes comes from the server's table of channels.
 *
 * @import {ChannelOut, ShareOut} from './types.js'
 */

import { urlOf } from './address.js';

/**
 * Characters that X counts once: its documented ranges.  All others count two.
 * (docs.x.com, "Counting characters")
 */
const NARROW = /^[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]*$/;

/**
 * Return the text of a share without the link at its end; the link is added where the text goes.
 *
 * @param {Pick<ShareOut, 'text' | 'link'>} share
 */
export function withoutLink({ text, link }) {
  return text.endsWith(link) ? text.slice(0, -link.length).trimEnd() : text;
}

/**
 * Return what somebody typed with the disclosure where it was: at the beginning, whole.  What they
 * wrote besides stays.
 *
 * @param {string} typed
 * @param {string} disclosure
 */
export function withDisclosure(typed, disclosure) {
  if (typed.startsWith(disclosure)) return typed;
  const place = typed.indexOf(disclosure);
  const rest =
    place > 0
      ? typed.slice(0, place) + typed.slice(place + disclosure.length)
      : withoutRemains(typed, disclosure);
  return rest.trim() ? `${disclosure} ${rest.trim()}` : disclosure;
}

/**
 * Remove what is left of a damaged disclosure at the beginning of a text.
 *
 * @param {string} typed
 * @param {string} disclosure
 */
function withoutRemains(typed, disclosure) {
  let begun = 0;
  while (begun < disclosure.length && typed[begun] === disclosure[begun]) begun += 1;
  for (let end = begun; end < disclosure.length; end += 1) {
    const tail = disclosure.slice(end);
    for (const from of [begun, begun + 1]) {
      if (typed.startsWith(tail, from)) return typed.slice(from + tail.length);
    }
  }
  return typed.slice(begun);
}

/**
 * Count a text with its link as the network counts.
 *
 * @param {Pick<ChannelOut, 'link_length' | 'counts_wide'>} channel
 * @param {string} text
 * @param {string} link
 */
export function lengthOf({ link_length, counts_wide }, text, link) {
  const seen = [...new Intl.Segmenter().segment(text)];
  const wide = counts_wide ? seen.filter(({ segment }) => !NARROW.test(segment)).length : 0;
  return seen.length + wide + 1 + (link_length || link.length);
}

/**
 * Return the address that opens a network's dialog; null when there is none that may be opened.
 *
 * @param {Pick<ChannelOut, 'dialog'>} channel
 * @param {{ text: string, link: string, host: string }} parts  `host` as URL writes it.
 */
export function dialogAddress({ dialog }, { text, link, host }) {
  const written = dialog
    .replace('{host}', () => host)
    .replace('{text}', () => encodeURIComponent(text))
    .replace('{link}', () => encodeURIComponent(link));
  const address = urlOf(written);
  return address && ['https:', 'mailto:'].includes(address.protocol) ? written : null;
}
