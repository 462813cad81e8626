import type { Offer } from '../features/feature.js';
import { choose, junctions } from './junctions.js';

/** Where a request leads: straight to an offer, or to a junction of several. */
export interface Route {
  readonly offers: ReadonlyMap<string, Offer>;
  readonly name: string;
  readonly segments: readonly string[];
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The HTTP routes, made from the contracts of what the features offer. */
export class RouteTable {
  readonly #routes = new Map<string, Route>();

  constructor(offers: readonly Offer[]) {
    for (const offer of offers) this.#add(offer);
  }

  #add(offer: Offer): void {
    const { method, path, joins } = offer.operation;
    const name = `${method} ${path}`;
    const others = this.#routes.get(name)?.offers ?? new Map<string, Offer>();
    const members = new Map([...others, [joins ?? '', offer]]);
    this.#routes.set(name, { name, offers: members, segments: path.split('/').slice(1) });
  }

  /** The route, `wrong method` where only the method is wrong, or null. A trailing slash is forgiven. */
  find(method: string, path: string): Match | 'wrong method' | null {
    const asked = path.replace(/\/$/, '');
    // Nearly every request names its route to the letter. One that names a parameter's own name does not.
    const named = asked.includes(':') ? undefined : this.#routes.get(`${method} ${asked}`);
    if (named !== undefined) return { route: named, params: {} };
    const segments = asked.split('/').slice(1);
    const matches = [...this.#routes.values()]
      .map((route) => ({ route, params: paramsOf(route.segments, segments) }))
      .filter((match): match is Match => match.params !== null);
    if (matches.length === 0) return null;
    return matches.find(({ route }) => route.name.startsWith(`${method} `)) ?? 'wrong method';
  }
}

/** @throws what the junction says of a key that nobody joined under */
export function chooseOffer(
  route: Route,
  query: URLSearchParams,
  body: Readonly<Record<string, unknown>>,
): Offer {
  const junction = junctions[route.name];
  if (junction === undefined) return route.offers.values().next().value as Offer;
  return choose(route.offers, junction, junction.key(query, body));
}

function paramsOf(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (pattern.length !== segments.length) return null;
  const fits = pattern.every((part, i) => part.startsWith(':') || part === segments[i]);
  if (!fits) return null;
  const named = pattern.flatMap((part, i) =>
    part.startsWith(':') ? [[part.slice(1), segments[i] as string]] : [],
  );
  return Object.fromEntries(named);
}
