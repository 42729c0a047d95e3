/**
 * Every word that a person reads comes from `_locales/`; this is how it gets onto the page.
 *
 * @import {Trouble} from './types.js'
 */

/** What is said for a trouble of our own; for all others the server has a sentence. */
const TROUBLES = new Map([
  ['offline', 'troubleOffline'],
  ['not-understood', 'troubleNotUnderstood'],
  ['signed-out', 'troubleSignedOut'],
  ['no-server', 'troubleNoServer'],
  ['wrong-server', 'troubleWrongServer'],
  ['server-trouble', 'troubleServer'],
  ['sign-in-cancelled', 'troubleSignInCancelled'],
  ['sign-in-unreachable', 'troubleSignInUnreachable'],
  ['sign-in-refused', 'troubleSignInRefused'],
  ['signed-in', 'troubleSignedIn'],
  ['storage-full', 'troubleStorageFull'],
  ['consent-missing', 'troubleConsentChanged'],
]);

/**
 * Return a message in the language of the browser.
 *
 * @param {string} key
 * @param {...(string | number)} values  For `$1`, `$2` ... in the message.
 */
export function say(key, ...values) {
  return chrome.i18n.getMessage(key, values.map(String));
}

/**
 * Say what went wrong in a sentence.
 *
 * @param {Trouble} trouble
 */
export function sayTrouble(trouble) {
  const isServers = trouble.status >= 500 || trouble.status === 429;
  const key = TROUBLES.get(isServers ? 'server-trouble' : trouble.slug);
  return key ? say(key) : trouble.detail || say('troubleOther');
}

/**
 * Write a moment as a date.
 *
 * @param {string} moment  ISO 8601.
 */
export function date(moment) {
  const style = /** @type {const} */ ({ dateStyle: 'medium' });
  return new Intl.DateTimeFormat(say('localeCode'), style).format(new Date(moment));
}

/**
 * Write a moment as a date and a time.
 *
 * @param {string} when  ISO 8601.
 */
export function moment(when) {
  const style = /** @type {const} */ ({ dateStyle: 'medium', timeStyle: 'short' });
  return new Intl.DateTimeFormat(say('localeCode'), style).format(new Date(when));
}

/**
 * Write the time of day of a moment.
 *
 * @param {string} when  ISO 8601.
 */
export function time(when) {
  const style = /** @type {const} */ ({ timeStyle: 'short' });
  return new Intl.DateTimeFormat(say('localeCode'), style).format(new Date(when));
}

/** Fill in every element of the page that names its words. */
export function translate() {
  document.documentElement.lang = say('localeCode');
  for (const element of document.querySelectorAll('[data-say]')) {
    element.textContent = say(element.getAttribute('data-say') ?? '');
  }
  for (const element of document.querySelectorAll('[data-say-label]')) {
    element.setAttribute('aria-label', say(element.getAttribute('data-say-label') ?? ''));
  }
}
