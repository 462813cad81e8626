import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Configuration } from 'oidc-provider';

/** How the servers under test are known there. */
export const certifiedClient = { clientId: 'guardian', secret: 'a-secret-of-32-characters-or-more' };

/** Who has an account there: an address of `example.com`, verified, with the name as subject. */
const findAccount: Configuration['findAccount'] = (_, sub) => ({
  accountId: sub,
  claims: () => ({ sub, email: `${sub}@example.com`, email_verified: true, name: sub }),
});

/** A preset that knows its provider's addresses finds them here too; any other discovers them. */
const placesOfKeycloak: Configuration['routes'] = {
  authorization: '/protocol/openid-connect/auth',
  token: '/protocol/openid-connect/token',
  userinfo: '/protocol/openid-connect/userinfo',
  jwks: '/protocol/openid-connect/certs',
};

/**
 * `oidc-provider`, which is certified by the OpenID Foundation, on loopback. Its own sign-in pages take any name and any
 * password.
 */
export class CertifiedIdp {
  private constructor(
    readonly issuer: string,
    private readonly server: Server,
  ) {}

  /** @param redirectUri the one address to which it sends people back */
  static async start(redirectUri: string): Promise<CertifiedIdp> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // Loading it says aloud what it thinks of older runtimes, so that a test can listen away first.
    const { default: Provider } = await import('oidc-provider');
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: certifiedClient.clientId,
          client_secret: certifiedClient.secret,
          redirect_uris: [redirectUri],
          grant_types: ['authorization_code', 'refresh_token'],
        },
      ],
      routes: placesOfKeycloak,
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
      findAccount,
      cookies: { keys: ['a key of the tests'] },
      pkce: { required: () => true },
    });
    server.on('request', provider.callback());
    return new CertifiedIdp(issuer, server);
  }

  /**
   * Signs in as this person and consents, as a browser would by its pages.
   * @returns where the browser is sent back to
   */
  async visit(url: string, sub: string): Promise<URL> {
    const cookies = new Map<string, string>();
    let next = new URL(url);
    let form: URLSearchParams | null = null;
    // As many steps as its pages take: sign-in, consent, and the redirects between them.
    for (let step = 0; step < 12; step++) {
      const response = await fetch(next, {
        method: form === null ? 'GET' : 'POST',
        body: form,
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      const page = await response.text();
      const location = response.headers.get('location');
      const target = location ?? /action="([^"]+)"/.exec(page)?.[1];
      if (target === undefined) throw new Error(`${next} is answered with ${response.status} ${page}`);
      form = location === null ? fill(page, sub) : null;
      next = new URL(target, next);
      if (next.origin !== this.issuer) return next;
    }
    throw new Error('It never sends the browser back');
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }
}

function fill(page: string, sub: string): URLSearchParams {
  const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1] ?? '';
  return new URLSearchParams({ prompt, ...(prompt === 'login' && { login: sub, password: 'any' }) });
}
