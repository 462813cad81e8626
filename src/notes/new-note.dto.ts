import { IsNotEmpty, IsString, MaxLength } from 'class-validator';

export class NewNote {
  @IsString()
  @IsNotEmpty()
  @MaxLength(500)
  text!: string;
}
