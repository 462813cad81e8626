import {
  evaluate,
  type Expression,
  isTruthy,
  parseExpression,
  TemplateFault,
  type Variables,
} from './go-expression.js';
import {
  escape,
  joined,
  type Place,
  plain,
  readLiteral,
  requireOpenPlace,
  text as inText,
} from './html-place.js';

/** A part of a template: text as it is, a value to put in, or a choice. */
type Part =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'value'; readonly value: Expression; readonly place: Place }
  | {
      readonly kind: 'choice';
      readonly condition: Expression;
      readonly chosen: Template;
      readonly otherwise: Template;
    };

/** A template that has been read, with every value's place known. */
export type Template = readonly Part[];

interface Token {
  readonly text: string;
  readonly isAction: boolean;
  readonly line: number;
}

/** `{{`, with `- ` where the space before it goes; the action; `}}`, with ` -` where the space behind it goes. */
const action = /\{\{(-\s)?([\s\S]*?)(\s-)?\}\}/g;

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  const lineAt = (index: number) => source.slice(0, index).split('\n').length;
  let end = 0;
  let isTrimming = false;
  const literal = (to: number, trimsEnd: boolean) => {
    const between = source.slice(end, to);
    const stray = between.indexOf('{{');
    if (stray !== -1) throw new TemplateFault('{{ is not closed', lineAt(end + stray));
    const start = isTrimming ? between.trimStart() : between;
    tokens.push({ text: trimsEnd ? start.trimEnd() : start, isAction: false, line: lineAt(end) });
  };
  for (const match of source.matchAll(action)) {
    const [whole, trimBefore, inner = '', trimAfter] = match;
    literal(match.index, trimBefore !== undefined);
    tokens.push({ text: inner.trim(), isAction: true, line: lineAt(match.index) });
    end = match.index + whole.length;
    isTrimming = trimAfter !== undefined;
  }
  literal(source.length, false);
  return tokens;
}

/** Where the reading of a template has come to. */
class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #place: Place;

  constructor(source: string, place: Place) {
    this.#tokens = tokensOf(source);
    this.#place = place;
  }

  whole(): Template {
    const parts = this.#parts();
    const rest = this.#tokens[this.#at];
    if (rest !== undefined) throw new TemplateFault(`{{ ${rest.text} }} without {{ if }}`, rest.line);
    if (this.#place.kind !== 'text' && this.#place.kind !== 'plain') {
      throw new TemplateFault('The HTML ends within a tag or a comment', this.#tokens.at(-1)?.line ?? 1);
    }
    return parts;
  }

  /** Up to the next `else` or `end`, which is left for whoever asked. */
  #parts(): Template {
    const parts: Part[] = [];
    for (let token = this.#tokens[this.#at]; token !== undefined; token = this.#tokens[this.#at]) {
      if (token.isAction && /^(else|end)\b/.test(token.text)) return parts;
      this.#at += 1;
      const part = this.#part(token);
      if (part !== null) parts.push(part);
    }
    return parts;
  }

  #part({ text, isAction, line }: Token): Part | null {
    if (!isAction) {
      const { place, kept } = readLiteral(this.#place, text);
      this.#place = place;
      return { kind: 'literal', text: kept };
    }
    if (/^\/\*[\s\S]*\*\/$/.test(text)) return null;
    const [, condition] = /^if\s+([\s\S]+)$/.exec(text) ?? [];
    if (condition !== undefined) return this.#choice(condition, line);
    const value = parseExpression(text, line);
    requireOpenPlace(this.#place, line);
    return { kind: 'value', value, place: this.#place };
  }

  #choice(words: string, line: number): Part {
    const condition = parseExpression(words, line);
    const before = this.#place;
    const chosen = this.#parts();
    const afterChosen = this.#place;
    this.#place = before;
    const otherwise = this.#otherwise(line);
    const place = joined(afterChosen, this.#place);
    if (place === null) throw new TemplateFault('{{ if }} ends at different places of the HTML', line);
    this.#place = place;
    return { kind: 'choice', condition, chosen, otherwise };
  }

  #otherwise(opened: number): Template {
    const token = this.#next(opened);
    if (token.text === 'end') return [];
    const [, condition] = /^else\s+if\s+([\s\S]+)$/.exec(token.text) ?? [];
    if (condition !== undefined) return [this.#choice(condition, token.line)];
    if (token.text !== 'else') throw new TemplateFault(`{{ ${token.text} }} cannot be read`, token.line);
    const parts = this.#parts();
    const end = this.#next(opened);
    if (end.text !== 'end') throw new TemplateFault(`{{ ${end.text} }} after {{ else }}`, end.line);
    return parts;
  }

  #next(opened: number): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new TemplateFault('{{ if }} without {{ end }}', opened);
    this.#at += 1;
    return token;
  }
}

/**
 * Reads HTML with Go's `{{ }}`: the part of `html/template` that mails use. Every value is later written as its place
 * demands: text, attribute or URL.
 * @throws TemplateFault
 */
export const parseHtml = (source: string): Template => new Reader(source, inText).whole();

/** The same without HTML, for subjects and text messages. @throws TemplateFault */
export const parsePlain = (source: string): Template => new Reader(source, plain).whole();

/** Values that the server makes, never a person. */
const ours = new Set(['SiteURL', 'ConfirmationURL', 'RedirectTo']);

/** Fills the template. What stands in a value stays a value: it is never read as a template. */
export const fill = (template: Template, variables: Variables): string =>
  template
    .map((part) => {
      if (part.kind === 'literal') return part.text;
      if (part.kind === 'choice') {
        const isTrue = isTruthy(evaluate(part.condition, variables));
        return fill(isTrue ? part.chosen : part.otherwise, variables);
      }
      const { value, place } = part;
      const isOurs = value.kind === 'field' && ours.has(value.path.join('.'));
      return escape(textOf(evaluate(value, variables)), place, isOurs);
    })
    .join('');

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
