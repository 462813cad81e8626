const find = (id) => document.getElementById(id);

/** What GoTrue's API answered at sign-in, kept for as long as the tab is open. */
let session = JSON.parse(sessionStorage.getItem('session'));
let refreshing = null;
/** The second factor that is being asked for. */
let factor = null;
/** What `external` of the settings names beside identity providers. */
const ownWays = new Set(['email', 'phone', 'anonymous_users']);
/** The identity providers that are switched on. */
let providers = [];

function keep(next) {
  session = next;
  if (next === null) sessionStorage.removeItem('session');
  else sessionStorage.setItem('session', JSON.stringify(next));
}

async function send(method, path, { body, bearer }) {
  const response = await fetch(path, {
    method,
    ...(body && { body: JSON.stringify(body) }),
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(bearer && { authorization: `Bearer ${bearer}` }),
    },
  });
  const answer = response.status === 204 ? null : await response.json();
  if (response.ok) return answer;
  const messages = Object.values(answer.errors ?? {}).flat();
  const said = messages.join(', ') || answer.msg || answer.detail || answer.title || answer.error_description;
  throw Object.assign(new Error(said), { status: response.status, code: answer.error_code ?? answer.code });
}

/** Ends the session here when the server said that it has ended. A server that is away has said nothing. */
const forgetIf = (hasEnded) => (error) => {
  if (hasEnded(error)) keep(null);
  throw error;
};

/** A refresh token is spent once, so calls that need a new one at the same moment share it. */
function refresh() {
  const body = { refresh_token: session.refresh_token };
  refreshing ??= send('POST', '/auth/v1/token?grant_type=refresh_token', { body })
    .then(keep)
    .catch(forgetIf(({ status }) => status === 400))
    .finally(() => (refreshing = null));
  return refreshing;
}

/** The session is good, but for this too little or too long ago was proved. */
const wantsProof = ({ code }) => code === 'insufficient_aal' || code === 'reauthentication_needed';

/** Calls in the person's name, with a token that is good for another minute. */
async function call(method, path, body) {
  if (session.expires_at - Date.now() / 1000 < 60) await refresh();
  return send(method, path, { body, bearer: session.access_token }).catch(
    forgetIf((error) => (error.status === 401 || error.status === 403) && !wantsProof(error)),
  );
}

function button(textContent, action) {
  const onclick = () => attempt(action);
  return Object.assign(document.createElement('button'), {
    type: 'button',
    className: 'quiet',
    textContent,
    onclick,
  });
}

function item({ id, text }) {
  const row = document.createElement('li');
  row.className = 'row';
  row.append(
    text,
    button('Delete', () => call('DELETE', `/notes/${id}`)),
  );
  return row;
}

/** Signs in at an identity provider, which sends the browser back here. */
const signInWith = (provider) =>
  button(`Sign in with ${provider}`, () => location.assign(`/auth/v1/authorize?${wayThrough(provider)}`));

const wayThrough = (provider) => new URLSearchParams({ provider, redirect_to: `${location.origin}/` });

/** Adds an identity provider to the ways in that the person has, or takes it away. */
function way(provider) {
  const identity = session.user.identities?.find((one) => one.provider === provider);
  if (identity) return button(`Remove ${provider}`, () => unlink(identity));
  return button(`Add ${provider}`, async () => {
    const query = `${wayThrough(provider)}&skip_http_redirect=true`;
    location.assign((await call('GET', `/auth/v1/user/identities/authorize?${query}`)).url);
  });
}

async function unlink({ identity_id }) {
  await call('DELETE', `/auth/v1/user/identities/${identity_id}`);
  keep({ ...session, user: await call('GET', '/auth/v1/user') });
}

async function show() {
  const notes = session ? await call('GET', '/notes') : [];
  find('notes').replaceChildren(...notes.map(item));
  find('email').textContent = session?.user.email ?? '';
  find('elsewhere').replaceChildren(...providers.map(signInWith));
  find('ways').replaceChildren(...(session ? providers.map(way) : []));
}

async function findFactor() {
  const { factors = [] } = await call('GET', '/auth/v1/user');
  return factors.find(({ status }) => status === 'verified')?.id ?? null;
}

/** Asks for a second factor; for one that is being set up, with what the authenticator has to know. */
function askFor(id, totp) {
  factor = id;
  find('seed').textContent = totp?.secret ?? '';
  find('picture').hidden = totp === undefined;
  find('picture').src = totp ? `data:image/svg+xml;utf-8,${encodeURIComponent(totp.qr_code)}` : 'data:,';
}

/** Does what was clicked, shows what is now there, and says what went wrong. */
async function attempt(action, success = '') {
  try {
    await action();
    await show();
    find('message').textContent = success;
  } catch (error) {
    if (wantsProof(error)) factor = await findFactor();
    find('message').textContent = error.message;
  }
  if (session === null) askFor(null);
  find('second-factor').hidden = factor === null;
  find('visitor').hidden = session !== null;
  find('by-mail').hidden = session !== null;
  find('elsewhere').hidden = session !== null || providers.length === 0;
  find('ways-in').hidden = providers.length === 0;
  find('person').hidden = session === null;
}

function onSubmit(id, action, success) {
  find(id).onsubmit = (event) => {
    event.preventDefault();
    const form = event.target;
    const values = Object.fromEntries(new FormData(form));
    attempt(async () => {
      await action(values, event.submitter?.value);
      form.reset();
    }, success);
  };
}

onSubmit('visitor', async (credentials, choice) => {
  const path = choice === 'sign-up' ? 'signup' : 'token?grant_type=password';
  keep(await send('POST', `/auth/v1/${path}`, { body: credentials }));
});
onSubmit(
  'by-mail',
  ({ email }, choice) => send('POST', `/auth/v1/${choice}`, { body: { email } }),
  'Look into your mailbox.',
);
onSubmit('new-note', (note) => call('POST', '/notes', note));
onSubmit('new-password', (change) => call('PUT', '/auth/v1/user', change), 'Your password is changed.');
onSubmit(
  'new-address',
  (change) => call('PUT', '/auth/v1/user', change),
  'Open the mails to your old and your new address.',
);
onSubmit('second-factor', async ({ code }) => {
  const challenge = await call('POST', `/auth/v1/factors/${factor}/challenge`, {});
  const answer = { challenge_id: challenge.id, code };
  keep(await call('POST', `/auth/v1/factors/${factor}/verify`, answer));
  askFor(null);
});
find('set-up').onclick = () =>
  attempt(async () => {
    const name = new Date().toISOString();
    const { id, totp } = await call('POST', '/auth/v1/factors', { factor_type: 'totp', friendly_name: name });
    askFor(id, totp);
  });
find('delete-all').onclick = () => attempt(() => call('DELETE', '/notes'), 'Your notes are gone.');
find('sign-out').onclick = () =>
  attempt(async () => {
    await call('POST', '/auth/v1/logout?scope=local');
    keep(null);
  });

async function findProviders() {
  const { external } = await send('GET', '/auth/v1/settings', {});
  providers = Object.keys(external).filter((name) => external[name] && !ownWays.has(name));
}

/** What a mailed link or an identity provider brought: a session, a message or an error. */
const landed = new URLSearchParams(`${location.search.slice(1)}&${location.hash.slice(1)}`);

async function land() {
  history.replaceState(null, '', location.pathname);
  if (landed.has('error_description')) throw new Error(landed.get('error_description'));
  if (!landed.has('access_token')) return;
  const { access_token, refresh_token, expires_at, type } = Object.fromEntries(landed);
  const user = await send('GET', '/auth/v1/user', { bearer: access_token });
  keep({ access_token, refresh_token, expires_at: Number(expires_at), user });
  find('change-password').open = type === 'recovery';
}

await attempt(findProviders);
if (landed.size > 0) await attempt(land, landed.get('message') ?? '');
