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
    const { depth, colons } = measure(bytes);
    if (depth > maxDepth) return undefined;
    const value: unknown = JSON.parse(text);
    const members = typeof value === 'object' && value !== null ? freezeMembers(value) : 0;
    return members === colons ? value : undefined;
  } catch {
    // Not UTF-8 or not JSON: undefined says so, and the parser's words would quote the token.
    return undefined;
  }
}

/**
 * How deep the text nests, and how many members it writes: each has one colon outside strings. Bytes are read faster than
 * characters, and no byte of a longer character in UTF-8 looks like one of these.
 */
function measure(text: Uint8Array): { readonly depth: number; readonly colons: number } {
  let depth = 0;
  let deepest = 0;
  let colons = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === quote) at = endOfString(text, at);
    else if (char === colon) colons++;
    else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (char === 0x7d || char === 0x5d) depth--;
  }
  return { depth: deepest, colons };
}

function endOfString(text: Uint8Array, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at];
    if (char === backslash) at++;
    else if (char === quote) return at;
  }
  return text.length;
}

/** Counts the members that survived parsing; a repeated one did not. NaN, which equals no count, for `__proto__`. */
function freezeMembers(value: object): number {
  const names = Object.keys(value);
  let members = Array.isArray(value) ? 0 : names.length;
  for (const name of names) {
    const item = (value as Record<string, unknown>)[name];
    if (typeof item === 'object' && item !== null) members += freezeMembers(item);
    if (name === '__proto__') members = Number.NaN;
  }
  Object.freeze(value);
  return members;
}
