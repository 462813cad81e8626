import type { Clock } from '../core/ports/clock.js';
import { type Idp, type IdpChoice, type IdpContext, Idps } from '../core/ports/idps.js';
import type { OauthSettings } from '../features/oauth/oauth.options.js';
import { claimsReader } from './generic-claims.js';
import { IdTokens } from './id-tokens.js';
import { OpenidIdp } from './openid-idp.js';
import { Outbound } from './outbound.js';
import { notServed, presets } from './presets.js';

const nowhere = { clientId: '', secret: '', url: '', trustsEmail: false, asksOpenid: true };

/** The identity providers that the options name. */
export class ConfiguredIdps extends Idps {
  readonly #context: Omit<IdpContext, 'trustsEmail'>;
  readonly #idps: ReadonlyMap<string, Idp>;
  readonly #allowed: ReadonlyMap<string, IdTokens>;

  constructor(
    settings: Pick<
      OauthSettings,
      'idps' | 'allowedIdTokenIssuers' | 'trustEmailsFrom' | 'checkPresenter' | 'askForOpenid'
    >,
    clock: Clock,
  ) {
    super();
    const { idps, allowedIdTokenIssuers, trustEmailsFrom, checkPresenter, askForOpenid } = settings;
    this.#context = { clock, checksPresenter: checkPresenter, asksOpenid: askForOpenid };
    const create = ([name, choice]: [string, IdpChoice]) => {
      const trustsEmail = trustEmailsFrom.includes(name);
      return [name, choice.create(name, { ...this.#context, trustsEmail })] as const;
    };
    this.#idps = new Map(Object.entries(idps).map(create));
    this.#allowed = new Map(allowedIdTokenIssuers.map((issuer) => [issuer, this.#idTokensOf(issuer)]));
  }

  get names(): readonly string[] {
    return [...this.#idps.keys()];
  }

  find(name: string): Idp | null {
    return this.#idps.get(name.toLowerCase()) ?? null;
  }

  knows(name: string): boolean {
    const known = name.toLowerCase();
    return this.find(known) !== null || Object.hasOwn(presets, known) || notServed.has(known);
  }

  issuerOf(name: string): string | null {
    if (!Object.hasOwn(presets, name)) return notServed.get(name) ?? null;
    return presets[name]?.define(nowhere).idTokens?.issuer ?? null;
  }

  knowsIssuer(issuer: string): boolean {
    const names = [...Object.keys(presets), ...notServed.keys()];
    return issuer !== '' && names.some((name) => this.issuerOf(name) === issuer);
  }

  ofIssuer(issuer: string, clientId: string): Idp | null {
    const own = [...this.#idps.values()].find((idp) => idp.signsAs(issuer));
    if (own !== undefined) return own;
    const idTokens = this.#allowed.get(issuer) ?? null;
    if (idTokens === null || clientId === '') return null;
    const definition = { scopes: [], idTokens: { issuer, read: claimsReader(false) } };
    const outbound = this.#outboundTo(issuer);
    const { clock } = this.#context;
    return new OpenidIdp(issuer, {
      definition,
      idTokens,
      outbound,
      clientIds: [clientId],
      secret: '',
      clock,
    });
  }

  #idTokensOf(issuer: string): IdTokens {
    return new IdTokens({ rules: { issuer }, outbound: this.#outboundTo(issuer), ...this.#context });
  }

  #outboundTo(issuer: string): Outbound {
    return new Outbound({ ownUrls: [issuer] });
  }
}
