/** A view that says one thing, and a line above a view that says something besides. */

import { element } from '../lib/dom.js';

/**
 * @param {string} name  Of the view.
 * @param {string} title
 * @param {string} text
 * @param {...Node} more
 */
export function notice(name, title, text, ...more) {
  return element(
    'div',
    { class: 'notice stack', 'data-view': name },
    element('h1', {}, title),
    element('p', {}, text),
    ...more,
  );
}

/**
 * @param {string} name
 * @param {string} words
 */
export function note(name, words) {
  return element('p', { class: 'note', 'data-note': name }, words);
}
