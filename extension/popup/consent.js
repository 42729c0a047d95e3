/**
 * The part that a share and a claim have in common: what is recorded, the full text, one button.
 *
 * @import {ConsentOut} from '../lib/types.js'
 */

import { button, element } from '../lib/dom.js';
import { say } from '../lib/words.js';

/**
 * Return what is recorded, the consent's own text, and the button that gives it.
 *
 * @param {ConsentOut} consent
 * @param {{ recorded: string, words: string, act: () => Promise<void> }} asked
 * @returns {Node[]}
 */
export function consentNodes(consent, { recorded, words, act }) {
  const agree = button(words, 'wide', act);
  agree.id = 'agree';
  return [
    element(
      'dl',
      { class: 'recorded' },
      line(say('recorded'), recorded),
      line(say('notRecorded'), say('recordedNever')),
    ),
    element(
      'details',
      {},
      element('summary', {}, say('consentTitle')),
      element('p', { class: 'consent-text', id: 'consent-text', lang: consent.language }, consent.text),
    ),
    agree,
  ];
}

/**
 * @param {string} name
 * @param {string} words
 */
function line(name, words) {
  return element('div', {}, element('dt', {}, name), element('dd', {}, words));
}
