/** The page that opens after installing: the disclosure, and signing in. */

import { announce, byId, onPress } from '../lib/dom.js';
import { ask } from '../lib/messages.js';
import { say, translate } from '../lib/words.js';

const signIn = /** @type {HTMLButtonElement} */ (byId('sign-in'));

/** Show whether somebody is signed in, and to which server that is. */
async function showStanding() {
  const { server, session } = await ask('standing.get', null);
  byId('server').textContent = say('welcomeServer', server);
  byId('done').hidden = session === null;
  signIn.hidden = session !== null;
}

onPress(signIn, async () => {
  announce(say('signingIn'));
  await ask('sign-in', null);
  await showStanding();
  announce(say('welcomeDone'));
});
byId('open-options').addEventListener('click', () => chrome.runtime.openOptionsPage());
addEventListener('focus', showStanding);

translate();
await showStanding();
