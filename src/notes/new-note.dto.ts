import { IsNotEmpty, IsString, MaxLength, NotContains } from 'class-validator';

export class NewNote {
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  // PostgreSQL keeps every character but this one.
  @NotContains('\0', { message: 'text must not have a NUL character' })
  text!: string;
}
