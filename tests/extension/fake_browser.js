/**
 * The parts of the browser that `storage.js`, `auth.js` and `delivery.js` use, in memory: storage,
 * locks, alarms, the sign-in window.  Set up before those modules are used.
 */

/** A place of storage as the browser has it: values are copied, never shared. */
function area() {
  let values = {};
  return {
    get: async (name) => structuredClone(name === undefined ? values : pick(values, [name].flat())),
    set: async (changes) => void (values = { ...values, ...structuredClone(changes) }),
    remove: async (names) => void [names].flat().forEach((name) => delete values[name]),
    clear: async () => void (values = {}),
  };
}

function pick(values, names) {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/** Locks with one holder for each name, in the order of asking. */
function locks() {
  const tails = new Map();
  return {
    request: (name, act) => {
      const turn = (tails.get(name) ?? Promise.resolve()).then(act);
      tails.set(name, turn.catch(() => undefined));
      return turn;
    },
  };
}

/** Put a new browser in place and return what tests look at. */
export function newBrowser() {
  const seen = { alarms: new Map(), badge: '', returnWith: (url) => url };
  globalThis.chrome = /** @type {any} */ ({
    i18n: { getMessage: (key) => (key === 'localeCode' ? 'de' : key) },
    storage: { local: area(), session: area(), onChanged: { addListener: () => undefined } },
    alarms: {
      create: async (name, { when }) => void seen.alarms.set(name, when),
      clear: async (name) => seen.alarms.delete(name),
    },
    action: { setBadgeText: async ({ text }) => void (seen.badge = text) },
    identity: {
      getRedirectURL: () => 'https://id.chromiumapp.org/',
      launchWebAuthFlow: async ({ url }) => seen.returnWith(new URL(url)),
    },
  });
  Object.defineProperty(globalThis, 'navigator', { value: { locks: locks() }, configurable: true });
  return seen;
}
