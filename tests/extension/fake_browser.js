/**
 * The parts of the browser that `storage.js`, `auth.js` and `delivery.js` use, in memory: storage,
 * locks, alarms, the sign-in window.  Set up before those modules are used.
 *
 * Every call of it is a step.  `mind` sees each step and may let it happen, or stop the worker
 * there for good: a call that is never answered.
 */

/** @typedef {(name: string, act: () => any) => Promise<any>} Mind */

/** A place of storage as the browser has it: values are copied, never shared. */
function area(name, step, isFull = (_values) => false) {
  let values = {};
  return {
    get: (names) =>
      step(`${name}.get`, () => structuredClone(names === undefined ? values : pick(values, names))),
    set: (changes) =>
      step(`${name}.set`, () => {
        if (isFull(values)) throw new Error('Resource::kQuotaBytes quota exceeded');
        values = { ...values, ...structuredClone(changes) };
      }),
    remove: (names) =>
      step(`${name}.remove`, () => [names].flat().forEach((one) => delete values[one])),
    clear: () => step(`${name}.clear`, () => void (values = {})),
  };
}

function pick(values, names) {
  const wanted = [names].flat();
  return Object.fromEntries(Object.entries(values).filter(([name]) => wanted.includes(name)));
}

/** Locks with one holder for each name, in the order of asking. */
function locks(step) {
  const tails = new Map();
  return {
    request: (name, act) => {
      const turn = (tails.get(name) ?? Promise.resolve())
        .then(() => step(`lock ${name}`, () => undefined))
        .then(act);
      tails.set(name, turn.catch(() => undefined));
      return turn;
    },
  };
}

/**
 * Put a new browser in place and return what tests look at.
 *
 * @param {Mind} [mind]
 */
export function newBrowser(mind = async (_name, act) => act()) {
  const seen = {
    alarms: new Map(),
    badge: '',
    returnWith: (url) => url,
    isFull: false,
    isFullWhile: (_values) => false,
    mind,
    /** The worker is gone, and with it the locks that it held. */
    newWorker: () => {
      const value = { locks: locks(step) };
      Object.defineProperty(globalThis, 'navigator', { value, configurable: true });
    },
  };
  const step = (name, act) => seen.mind(name, act);
  globalThis.chrome = /** @type {any} */ ({
    i18n: { getMessage: (key) => (key === 'localeCode' ? 'de' : key) },
    storage: {
      local: area('local', step, (values) => seen.isFull || seen.isFullWhile(values)),
      session: area('session', step),
      onChanged: { addListener: () => undefined },
    },
    alarms: {
      create: (name, { when }) => step('alarms.create', () => void seen.alarms.set(name, when)),
      clear: (name) => step('alarms.clear', () => seen.alarms.delete(name)),
    },
    action: {
      setBadgeText: ({ text }) => step('action.setBadgeText', () => void (seen.badge = text)),
    },
    identity: {
      getRedirectURL: () => 'https://id.chromiumapp.org/',
      launchWebAuthFlow: ({ url }) => step('identity', () => seen.returnWith(new URL(url))),
    },
  });
  seen.newWorker();
  return seen;
}
