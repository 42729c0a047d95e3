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

  const title = element('p', { id: 'consent-title', class: 'label small' }, say('consentTitle'));
  const text = element(
    'div',
    {
      class: 'consent-text',
      id: 'consent-text',
      role: 'region',
      tabindex: '0',
      'aria-labelledby': 'consent-title',
      lang: consent.language,
    },
    consent.text,
  );
  return [
    element(
      'dl',
      { class: 'recorded' },
      element('dt', {}, say('recorded')),
      element('dd', {}, recorded),
      element('dt', {}, say('notRecorded')),
      element('dd', {}, say('recordedNever')),
    ),
    element('div', { class: 'field' }, title, text),
    agree,
  ];
}
