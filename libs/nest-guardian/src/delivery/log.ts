/** Where delivery says what an operator should know. Never a code, a link or an address. */
export interface DeliveryLog {
  log(message: string): void;
  warn(message: string): void;
}
