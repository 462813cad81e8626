import { Controller, Get } from '@nestjs/common';
import { CurrentUser, OptionalAuth, type Principal } from 'nest-guardian';

@Controller('greeting')
export class GreetingController {
  @Get()
  @OptionalAuth()
  greet(@CurrentUser() person: Principal | null) {
    return { greeting: `Hello, ${person?.email ?? 'stranger'}!` };
  }
}
