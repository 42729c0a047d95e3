/**
 * A server as the real one promises to be: tokens rotate and their reuse ends the sign-in, and an
 * event counts once by its id, whoever sends it how often.
 */

export function honestServer() {
  const server = {
    /** What happened, one line for each effect. */
    effects: [],
    whoSignsIn: 'ada',
    isDown: false,
    families: new Map(), // refresh token -> { person, family }
    ended: new Set(),
    access: new Map(),
    answers: new Map(),
    fetch: async (address, options) => answer(server, new URL(String(address)), options),
  };
  return server;
}

async function answer(server, { pathname }, { method, headers = {}, body }) {
  if (server.isDown) throw new TypeError('Failed to fetch');
  const form = body instanceof URLSearchParams ? Object.fromEntries(body) : null;
  if (pathname === '/oauth/token') return token(server, form);
  if (pathname === '/oauth/revoke') {
    server.ended.add(server.families.get(form.token)?.family);
    return Response.json(null);
  }
  const bearer = server.access.get(String(headers.Authorization).replace('Bearer ', ''));
  if (!bearer || server.ended.has(bearer.family)) return Response.json({}, { status: 401 });
  if (method !== 'POST') return Response.json({}, { status: 404 });
  return once(server, bearer.person, pathname.replace('/api/extension/v1', ''), body);
}

function token(server, form) {
  let owner = { person: server.whoSignsIn, family: crypto.randomUUID() };
  if (form.grant_type === 'refresh_token') {
    const found = server.families.get(form.refresh_token);
    if (found?.isUsed) server.ended.add(found.family); // stolen, or an answer was lost
    if (!found || server.ended.has(found.family)) {
      return Response.json({ error: 'invalid_grant' }, { status: 400 });
    }
    found.isUsed = true;
    owner = { person: found.person, family: found.family };
  }
  const [access_token, refresh_token] = [crypto.randomUUID(), crypto.randomUUID()];
  server.access.set(access_token, owner);
  server.families.set(refresh_token, owner.isUsed ? owner : { ...owner });
  return Response.json({ access_token, refresh_token, expires_in: 900, person: owner.person });
}

function once(server, person, path, body) {
  const sent = body ? JSON.parse(body) : {};
  const name = `${person} ${path} ${sent.event_id ?? ''}`.trim();
  if (server.answers.has(name)) return Response.json(server.answers.get(name));
  server.effects.push(name);
  server.answers.set(name, { code: `code-${server.effects.length}` });
  const isWithdrawal = path.endsWith('/withdrawal');
  if (isWithdrawal) return new Response(null, { status: 204 });
  return Response.json(server.answers.get(name), { status: 201 });
}
