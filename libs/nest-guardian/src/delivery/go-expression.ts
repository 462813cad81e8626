/** What is wrong with a template, and where. */
export class TemplateFault extends Error {
  constructor(
    message: string,
    readonly line: number,
  ) {
    super(message);
    this.name = 'TemplateFault';
  }
}

export type Variables = Readonly<Record<string, unknown>>;

export type Expression =
  | { readonly kind: 'field'; readonly path: readonly string[] }
  | { readonly kind: 'constant'; readonly value: string | number | boolean }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly operands: readonly Expression[] };

/** Those of Go's functions that templates of mails use. */
const functions = {
  eq: ([first, ...others]: readonly unknown[]) => others.some((other) => other === first),
  ne: ([first, second]: readonly unknown[]) => first !== second,
  and: (values: readonly unknown[]) => values.find((value) => !isTruthy(value)) ?? values.at(-1),
  or: (values: readonly unknown[]) => values.find(isTruthy) ?? values.at(-1),
  not: ([value]: readonly unknown[]) => !isTruthy(value),
  index: ([tree, ...names]: readonly unknown[]) => memberOf(tree, names.map(String)),
} as const;

type FunctionName = keyof typeof functions;

const token =
  /\s*(?:(\.[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)|"((?:[^"\\\n]|\\.)*)"|`([^`]*)`|(-?\d+(?:\.\d+)?)|([A-Za-z]+)|([()]))/y;

/** @throws TemplateFault for what is not in the part of Go's language that is understood here */
export function parseExpression(source: string, line: number): Expression {
  const words = wordsOf(source, line);
  const expression = operandsTo(words, '', { source, line });
  if (words.length > 0) throw unreadable(source, line);
  return expression;
}

interface Whole {
  readonly source: string;
  readonly line: number;
}

const unreadable = (source: string, line: number): TemplateFault =>
  new TemplateFault(`{{ ${source} }} cannot be read`, line);

type Word = Expression | '(' | ')' | FunctionName;

function wordsOf(source: string, line: number): Word[] {
  const words: Word[] = [];
  token.lastIndex = 0;
  const text = source.trimEnd();
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (match === null) throw unreadable(source, line);
    words.push(wordOf(match) ?? fail(unreadable(source, line)));
  }
  return words;
}

function fail(fault: TemplateFault): never {
  throw fault;
}

function wordOf([, field, quoted, raw, number, name, bracket]: RegExpExecArray): Word | null {
  if (field !== undefined) return { kind: 'field', path: field.slice(1).split('.') };
  if (quoted !== undefined) return { kind: 'constant', value: quoted.replace(/\\(.)/g, '$1') };
  if (raw !== undefined) return { kind: 'constant', value: raw };
  if (number !== undefined) return { kind: 'constant', value: Number(number) };
  if (bracket !== undefined) return bracket as '(' | ')';
  if (name === 'true' || name === 'false') return { kind: 'constant', value: name === 'true' };
  return name !== undefined && Object.hasOwn(functions, name) ? (name as FunctionName) : null;
}

/** One operand, or a function and its operands, up to the closing bracket. Takes the words that it reads. */
function operandsTo(words: Word[], closing: ')' | '', whole: Whole): Expression {
  const first = words.shift();
  if (typeof first === 'string' && first !== '(' && first !== ')') {
    const operands: Expression[] = [];
    while (words.length > 0 && words[0] !== ')') operands.push(operand(words, whole));
    if (operands.length === 0) throw unreadable(whole.source, whole.line);
    close(words, closing, whole);
    return { kind: 'call', name: first, operands };
  }
  if (first === undefined) throw unreadable(whole.source, whole.line);
  words.unshift(first);
  const single = operand(words, whole);
  close(words, closing, whole);
  return single;
}

function operand(words: Word[], whole: Whole): Expression {
  const word = words.shift();
  if (word === '(') return operandsTo(words, ')', whole);
  if (typeof word === 'object') return word;
  throw unreadable(whole.source, whole.line);
}

function close(words: Word[], closing: ')' | '', { source, line }: Whole): void {
  if (closing !== '' && words.shift() !== closing) throw unreadable(source, line);
}

/** The value; what is not there is empty. Only what was put into the variables is found, nothing of JavaScript's. */
export function evaluate(expression: Expression, variables: Variables): unknown {
  if (expression.kind === 'constant') return expression.value;
  if (expression.kind === 'field') return memberOf(variables, expression.path);
  const { name, operands } = expression;
  return functions[name](operands.map((one) => evaluate(one, variables)));
}

const memberOf = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (branch, name) =>
      typeof branch === 'object' && branch !== null && Object.hasOwn(branch, name)
        ? (branch as Variables)[name]
        : undefined,
    tree,
  );

/** Go: empty texts, lists and maps are as good as false. */
export function isTruthy(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
