import { Controller, Get, Req, UseGuards } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { CurrentUser, type Principal, Public } from 'nest-guardian';

const profileOf = ({ id, email, role, userMetadata }: Principal) => ({
  id,
  email,
  role,
  about: userMetadata,
});

@Controller('profile')
export class ProfileController {
  /** What the token says: nothing is looked up. */
  @Get()
  show(@CurrentUser() person: Principal) {
    return profileOf(person);
  }

  /** The same behind Passport's guard, for an application that has it already. */
  @Get('passport')
  @Public()
  @UseGuards(AuthGuard('jwt'))
  showByPassport(@Req() { user }: { user: Principal }) {
    return profileOf(user);
  }
}
