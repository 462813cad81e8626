/** One text message, ready to be sent. */
export interface TextMessage {
  /** E.164 without the plus. */
  readonly to: string;
  readonly text: string;
  readonly channel: 'sms' | 'whatsapp';
}

/** Carries text messages out of the process. Rejects when the message was not taken; it is then tried again. */
export abstract class SmsSender {
  /** @throws MessageRefused when trying again is of no use */
  abstract send(message: TextMessage): Promise<void>;
}
