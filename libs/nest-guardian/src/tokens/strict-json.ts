const maxDepth = 32;
// `ignoreBOM` keeps the byte order mark in the text, where the JSON parser refuses it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

/** Reads a JSON object as `parseStrictJson` does, or null for anything else. */
export function parseStrictObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  const value = parseStrictJson(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as Readonly<Record<string, unknown>>;
}

/**
 * Reads JSON, deeply frozen, or undefined where two readers might see two things: broken UTF-8, a byte order mark, a
 * member named twice or named `__proto__`, nesting deeper than 32.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  try {
    const text = utf8.decode(bytes);
    const { depth, colons } = measure(text);
    if (depth > maxDepth) return undefined;
    const value: unknown = JSON.parse(text);
    return freezeMembers(value) === colons ? value : undefined;
  } catch {
    // Not UTF-8 or not JSON: undefined says so, and the parser's words would quote the token.
    return undefined;
  }
}

/** How deep the text nests, and how many members it writes: each has one colon outside strings. */
function measure(text: string): { readonly depth: number; readonly colons: number } {
  let depth = 0;
  let deepest = 0;
  let colons = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === quote) at = endOfString(text, at);
    else if (char === colon) colons++;
    else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (char === 0x7d || char === 0x5d) depth--;
  }
  return { depth: deepest, colons };
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === backslash) at++;
    else if (char === quote) return at;
  }
  return text.length;
}

/** Counts the members that survived parsing; a repeated one did not. NaN, which equals no count, for `__proto__`. */
function freezeMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  for (const item of Object.values(value)) members += freezeMembers(item);
  if (!Array.isArray(value))
    members += Object.hasOwn(value, '__proto__') ? Number.NaN : Object.keys(value).length;
  Object.freeze(value);
  return members;
}
