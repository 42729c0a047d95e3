/** Elements from text; nothing here reads HTML. */

import { Problem } from './problem.js';
import { say, sayTrouble } from './words.js';

/**
 * Make an element.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * Make a button; while its work is under way it cannot be pressed again, and what goes wrong is
 * said right below it.
 *
 * @param {string} words
 * @param {string} look  Class names.
 * @param {(button: HTMLButtonElement) => unknown} act  May throw Problem.
 */
export function button(words, look, act) {
  const made = element('button', { type: 'button', class: `button ${look}`.trim() }, words);
  onPress(made, act);
  return made;
}

/**
 * Let a button do something.
 *
 * @param {HTMLButtonElement} made
 * @param {(button: HTMLButtonElement) => unknown} act  May throw Problem.
 */
export function onPress(made, act) {
  const trouble = element('p', { class: 'trouble', role: 'alert' });
  made.addEventListener('click', async () => {
    if (made.getAttribute('aria-disabled') === 'true') return;
    made.setAttribute('aria-disabled', 'true');
    trouble.remove();
    try {
      await act(made);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      trouble.textContent = sayTrouble(error.trouble);
      made.after(trouble);
    } finally {
      made.removeAttribute('aria-disabled');
    }
  });
}

/**
 * Make a button that copies a text and says so.
 *
 * @param {string} words
 * @param {string} look
 * @param {string | (() => string)} text
 */
export function copyButton(words, look, text) {
  return button(words, look, async (made) => {
    await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
    made.textContent = say('copied');
    announce(say('copied'));
    setTimeout(() => (made.textContent = words), 2000);
  });
}

/**
 * Return the element with an id; the page's own HTML has it.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/**
 * Say something to people who do not see the page; it has an element `status` for that.
 *
 * @param {string} words
 */
export function announce(words) {
  byId('status').textContent = words;
}

/** Wait until what is shown was painted; where nothing is painted, a moment. */
export function painted() {
  return new Promise((goOn) => {
    requestAnimationFrame(() => setTimeout(goOn));
    setTimeout(goOn, 500);
  });
}

/**
 * Show a new view in a place and move the focus to its heading, so that everybody notices; where it
 * has none, to its first button, or back to the tab's own view.
 *
 * @param {HTMLElement} place
 * @param {...Node} children
 */
export function show(place, ...children) {
  const hadFocus = place.contains(document.activeElement);
  place.replaceChildren(...children);
  place.removeAttribute('aria-busy');
  const next =
    place.querySelector('h1, h2, button') ??
    document.querySelector('[role="tabpanel"]:not([hidden]) :is(h1, h2)');
  if (hadFocus && next instanceof HTMLElement) {
    if (next.localName !== 'button') next.tabIndex = -1;
    next.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }
}
