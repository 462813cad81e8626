import { escapeHtml } from '../wire/html.js';
import { TemplateFault } from './go-expression.js';

/** Where in a document a value stands, which says how it has to be written there. */
export type Place =
  | { readonly kind: 'plain' }
  | { readonly kind: 'text' }
  | { readonly kind: 'comment' }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'raw'; readonly tag: string }
  | {
      readonly kind: 'attribute';
      readonly tag: string;
      readonly name: string;
      readonly quote: string;
      /** How far a value that is a URL has come; null for others. */
      readonly url: 'start' | 'path' | 'query' | null;
    };

type Attribute = Extract<Place, { kind: 'attribute' }>;

/** No markup at all. */
export const plain: Place = { kind: 'plain' };
export const text: Place = { kind: 'text' };

const urlAttributes = new Set([
  'href',
  'src',
  'action',
  'formaction',
  'cite',
  'background',
  'poster',
  'data',
]);
/** What stands in these is a language of its own. */
const closedAttributes = /^(on.*|style|srcdoc|srcset)$/;

interface Step {
  readonly place: Place;
  /** How many letters were read, and how many of them are left out. */
  readonly length: number;
  readonly isDropped?: boolean;
}

/** Reads on through literal text. GoTrue: comments are left out, since Go's templates do so. */
export function readLiteral(from: Place, literal: string): { readonly place: Place; readonly kept: string } {
  let place = from;
  let kept = '';
  for (let rest = literal; rest !== '';) {
    const step = steps[place.kind](rest, place as never);
    if (step.isDropped !== true) kept += rest.slice(0, step.length);
    rest = rest.slice(step.length);
    place = step.place;
  }
  return { place, kept };
}

const steps: { readonly [K in Place['kind']]: (rest: string, place: Extract<Place, { kind: K }>) => Step } = {
  plain: (rest) => ({ place: plain, length: rest.length }),
  text: readText,
  comment: (rest) => {
    const end = rest.indexOf('-->');
    return end === -1
      ? { place: { kind: 'comment' }, length: rest.length, isDropped: true }
      : { place: text, length: end + 3, isDropped: true };
  },
  raw: (rest, place) => {
    const end = rest.toLowerCase().indexOf(`</${place.tag}`);
    return end === -1 ? { place, length: rest.length } : { place: text, length: end };
  },
  tag: readTag,
  attribute: readValue,
};

function readText(rest: string): Step {
  if (rest.startsWith('<!--')) return { place: { kind: 'comment' }, length: 4, isDropped: true };
  const [tag = ''] = /^<\/?[a-z!?][^\s/>]*/i.exec(rest) ?? [];
  if (tag !== '') return { place: { kind: 'tag', tag: tag.slice(1).toLowerCase() }, length: tag.length };
  // What follows would be read as the tag's name.
  if (/^<[/!]?$/.test(rest)) return { place: { kind: 'tag', tag: '' }, length: rest.length };
  const next = rest.indexOf('<', 1);
  return { place: text, length: next === -1 ? rest.length : next };
}

function readTag(rest: string, place: Extract<Place, { kind: 'tag' }>): Step {
  if (rest.startsWith('>')) {
    const isRaw = place.tag === 'style' || place.tag === 'script';
    return { place: isRaw ? { kind: 'raw', tag: place.tag } : text, length: 1 };
  }
  const [quoted = '', name = '', quote = ''] = /^([^\s"'<>/=]+)\s*=\s*(["'])/.exec(rest) ?? [];
  if (quoted !== '') {
    const lower = name.toLowerCase().replace(/^xlink:/, '');
    const url = urlAttributes.has(lower) ? 'start' : null;
    return { place: { kind: 'attribute', tag: place.tag, name: lower, quote, url }, length: quoted.length };
  }
  const [other = rest] = /^([^\s"'<>/=]+(\s*=\s*[^\s"'>]+)?|[\s\S])/.exec(rest) ?? [];
  return { place, length: other.length };
}

function readValue(rest: string, place: Attribute): Step {
  const end = rest.indexOf(place.quote);
  const value = end === -1 ? rest : rest.slice(0, end);
  if (end !== -1) return { place: { kind: 'tag', tag: place.tag }, length: end + 1 };
  return { place: { ...place, url: urlAfter(place.url, value) }, length: rest.length };
}

function urlAfter(url: Attribute['url'], literal: string): Attribute['url'] {
  if (url === null || literal.trim() === '') return url;
  return url === 'query' || /[?#]/.test(literal) ? 'query' : 'path';
}

/** @throws TemplateFault where no writing of a value is safe */
export function requireOpenPlace(place: Place, line: number): void {
  if (place.kind === 'tag')
    throw new TemplateFault('A value within a tag stands in quotes, as href="{{ }}"', line);
  if (place.kind === 'raw') throw new TemplateFault(`A value cannot stand within <${place.tag}>`, line);
  if (place.kind === 'attribute' && closedAttributes.test(place.name)) {
    throw new TemplateFault(`A value cannot stand within the attribute ${place.name}`, line);
  }
}

/** Where two branches meet, or null where they do not. */
export function joined(one: Place, other: Place): Place | null {
  if (one.kind !== 'attribute' || other.kind !== 'attribute') {
    return JSON.stringify(one) === JSON.stringify(other) ? one : null;
  }
  const isSame = one.name === other.name && one.quote === other.quote && one.tag === other.tag;
  if (!isSame) return null;
  // Where either may have begun a query, what follows is written as if it had.
  return one.url === other.url ? one : { ...one, url: 'query' };
}

/** @param isOurs whether the server itself made the value, so that it may be a link into an application */
export function escape(value: string, place: Place, isOurs: boolean): string {
  if (place.kind === 'plain') return value.replace(/\p{Cc}+/gu, ' ');
  if (place.kind === 'comment') return '';
  if (place.kind !== 'attribute' || place.url === null) return escapeHtml(value);
  if (place.url === 'query') return encodeURIComponent(value).replace(/[!'()*]/g, percent);
  const isFine = place.url === 'path' || isFollowable(value, isOurs);
  return isFine ? escapeHtml(value.replace(/[\s\p{Cc}"'<>`]/gu, percent)) : '#';
}

const percent = (character: string): string =>
  [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');

function isFollowable(value: string, isOurs: boolean): boolean {
  // Browsers overlook these within a scheme.
  const [, scheme] = /^([^:/?#]*):/.exec(value.replace(/[\s\p{Cc}]/gu, '')) ?? [];
  if (scheme === undefined || /^(https?|mailto)$/i.test(scheme)) return true;
  return (
    isOurs && /^[a-z][a-z0-9+.-]*$/i.test(scheme) && !/^(javascript|data|vbscript|file|blob)$/i.test(scheme)
  );
}
