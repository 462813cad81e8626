import { Body, Controller, Headers, HttpCode, Ip, Post } from '@nestjs/common';
import { Auth, Public } from 'nest-guardian';
import { Credentials } from './credentials.dto.js';

/** Signing in by a route of one's own: what `Auth` refuses leaves as this application's 401. */
@Public()
@Controller('sign-in')
export class SignInController {
  constructor(private readonly auth: Auth) {}

  @Post()
  @HttpCode(200)
  signIn(
    @Body() { email, password }: Credentials,
    @Ip() address: string,
    @Headers('user-agent') userAgent: string,
  ) {
    return this.auth.signIn({ email, password }, { address, userAgent });
  }
}
