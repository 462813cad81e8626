import {
  AuthProvider,
  commonConditions,
  deny,
  type Operation,
  type Principal,
  type ProviderChoice,
} from 'nest-guardian';

/**
 * A provider of one's own that only verifies: the company's gateway hands out `<password>:<name>`. Accounts are
 * kept elsewhere, so every operation is refused in its own words.
 */
export class CompanyTokens extends AuthProvider {
  constructor(private readonly password: string) {
    super();
  }

  verify(bearer: string): Principal {
    const [password, name = ''] = bearer.split(':');
    if (password !== this.password || name === '')
      deny(commonConditions.badJwt, { value: 'not one of ours' });
    return Object.freeze<Principal>({
      id: name,
      role: 'authenticated',
      audience: 'company',
      email: `${name}@company.example`,
      phone: '',
      isAnonymous: false,
      sessionId: null,
      aal: 'aal1',
      amr: [],
      issuedAt: 0,
      expiresAt: Number.POSITIVE_INFINITY,
      appMetadata: {},
      userMetadata: {},
      claims: {},
    });
  }

  /** The gateway ends sessions by changing the password, so a verified token is an open session. */
  async confirmSession(): Promise<void> {}

  async execute<I, O>(operation: Operation<I, O>): Promise<O> {
    return deny(operation.off);
  }
}

export const companyTokens = (password: string): ProviderChoice => ({
  name: 'company',
  mistakes:
    password === '' ? [{ path: 'password', reason: 'is empty', remedy: 'Ask the gateway people' }] : [],
  create: async () => new CompanyTokens(password),
});
