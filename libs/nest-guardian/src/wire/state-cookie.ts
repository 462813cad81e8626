/** The cookies by which a browser that left for an identity provider is known when it comes back. */
const cookieName = '(?:__Host-)?guardian-state-[0-9a-f]{8}';

/** RFC 6265bis 4.1.3.2: with the prefix, no neighbouring host can have set it, and no page without TLS. */
export const stateCookieName = (state: string, isSecure: boolean): string =>
  `${isSecure ? '__Host-' : ''}guardian-state-${state.slice(0, 8)}`;

/** A `Set-Cookie` line. `Lax` lets it come with the provider's redirect, and with nothing that another page sends. */
export function stateCookie(
  state: string,
  is: { readonly value: string; readonly maxAge: number; readonly isSecure: boolean },
): string {
  const { value, maxAge, isSecure } = is;
  const pair = `${stateCookieName(state, isSecure)}=${value}`;
  return [
    pair,
    'Path=/',
    `Max-Age=${maxAge}`,
    'HttpOnly',
    ...(isSecure ? ['Secure'] : []),
    'SameSite=Lax',
  ].join('; ');
}

const pair = new RegExp(`^${cookieName}=[\\w-]*$`);

/** What a `Cookie` header holds of these and of nothing else; null for nothing. */
export function stateCookiesOf(header: string | undefined): string | null {
  const ours = (header ?? '').split(';').filter((one) => pair.test(one.trim()));
  return ours.length === 0 ? null : ours.map((one) => one.trim()).join('; ');
}

/** The value that a browser brought for this state; null for none. */
export function stateCookieIn(cookies: string | null | undefined, name: string): string | null {
  const found = (cookies ?? '').split('; ').find((one) => one.startsWith(`${name}=`));
  return found === undefined ? null : found.slice(name.length + 1);
}

const line = new RegExp(
  `^${cookieName}=[\\w-]*(?:; ?(?:Path=/|Max-Age=\\d+|HttpOnly|Secure|SameSite=Lax))*$`,
  'i',
);

/** Whether another server's `Set-Cookie` line is one of these, for the host that hands it on alone. */
export const isStateCookie = (setCookie: string): boolean => line.test(setCookie);
