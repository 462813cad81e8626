import type { OptionMistake } from '../../libs/nest-guardian/src/core/option.js';
import {
  Idp,
  type IdpChoice,
  type IdpProfile,
  type IdpRequest,
  type IdpReturn,
  type IdpTokens,
} from '../../libs/nest-guardian/src/core/ports/idps.js';

type Answer = () => Promise<IdpProfile>;

/** Somebody with a verified address. */
export const profileOf = (subject: string, email = `${subject}@example.com`): IdpProfile => ({
  subject,
  email: { address: email, isVerified: true },
  data: { sub: subject, email, provider_id: subject, iss: 'https://idp.example' },
});

/** An identity provider without a network: it remembers what it is told, and answers what the law says. */
export class ScriptedIdp extends Idp {
  readonly isEmailOptional = false;
  readonly redirectUri = null;
  readonly skipsNonceCheck = false;
  readonly started: IdpRequest[] = [];
  readonly returned: IdpReturn[] = [];
  /** Who signs in there next, or how it fails. */
  answer: Answer = async () => profileOf('somebody');
  tokens: IdpTokens = { accessToken: 'at-secret', refreshToken: 'rt-secret' };

  constructor(readonly name: string) {
    super();
  }

  /** As it stands in the options. */
  get choice(): IdpChoice {
    const mistakes: readonly OptionMistake[] = [];
    return { mistakes, create: () => this };
  }

  override signsAs(): boolean {
    return false;
  }

  override async startUrl(request: IdpRequest): Promise<string> {
    this.started.push(request);
    const { state, parameters } = request;
    return `https://${this.name}.example/in?${new URLSearchParams({ ...parameters, state })}`;
  }

  override async redeem(returned: IdpReturn) {
    this.returned.push(returned);
    const profile = await this.answer();
    return { profile, tokens: this.tokens };
  }

  override readIdToken(): null {
    return null;
  }
}
