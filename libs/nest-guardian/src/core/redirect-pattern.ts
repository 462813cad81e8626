/**
 * Whether a pattern of allowed redirects lets any web host through, so that a link of ours could carry a session
 * anywhere: `*`, `**`, `https://*`, `https://**.com/**`. A wildcard in front of a name of one's own
 * (`https://*.example.com/**`) does not, nor does an app's own scheme (`com.example.app://**`).
 */
export function allowsAnyHost(pattern: string): boolean {
  const [, scheme = '*', authority = ''] = /^(?:([^:/]*):\/\/)?([^/?#]*)/.exec(pattern.trim()) ?? [];
  if (!/^https?$/i.test(scheme) && !/[*?[]/.test(scheme)) return false;
  // A host that begins with a wildcard for one character.
  if (pattern.includes('://?')) return true;
  const host = authority.replace(/^.*@/, '').replace(/:[^\]]*$/, '');
  // The last two labels say whose a name is; a wildcard in either says that it is anybody's.
  return host.split('.').slice(-2).some(isWild);
}

const isWild = (text: string): boolean => text.includes('*');
