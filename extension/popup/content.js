/**
 * Exclusive content of one offer in the wallet: what is open, and what is still missing.
 *
 * @import {ContentOut} from '../lib/types.js'
 */

import { element } from '../lib/dom.js';
import { say } from '../lib/words.js';

/** The words for what an item is. */
const KINDS = new Map([
  ['markdown', 'contentText'],
  ['file', 'contentFile'],
  ['link', 'contentLink'],
]);

/**
 * Return the list of an offer's content, or nothing when there is none; a wallet that was kept
 * before there was any has no list at all.
 *
 * @param {ContentOut[] | undefined} content
 */
export function contentList(content) {
  if (!content?.length) return [];
  const lines = content.map((item) =>
    element('li', { 'data-content': item.content_id }, ...(item.is_unlocked ? open(item) : locked(item))),
  );
  return [
    element(
      'section',
      { class: 'content' },
      element('h3', { class: 'small' }, say('contentTitle')),
      element('ul', { class: 'small plain' }, ...lines),
    ),
  ];
}

/**
 * Return what leads to the reader; the site asks once more whether it is open.
 *
 * @param {ContentOut} item
 */
function open({ title, kind, url, needed_visits }) {
  const words = KINDS.get(kind);
  const about = say('contentOpen', needed_visits);
  return [
    element('a', { href: url, target: '_blank', rel: 'noreferrer' }, title),
    element('p', { class: 'soft' }, words ? `${say(words)} · ${about}` : about),
  ];
}

/** @param {ContentOut} item */
function locked({ title, needed_visits, reached_visits }) {
  const missing = Math.max(0, needed_visits - reached_visits);
  const bar = { max: `${needed_visits}`, value: `${reached_visits}`, 'aria-hidden': 'true' };
  return [
    element('p', {}, say('contentNext', title)),
    element('progress', bar),
    element('p', { class: 'soft' }, say('contentMissing', reached_visits, needed_visits, missing)),
  ];
}
