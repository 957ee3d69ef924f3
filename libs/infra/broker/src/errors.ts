/** Kafka can't be had or does not start here; the remedy says what to do. */
export class BrokerUnusable extends Error {
  override readonly name = 'BrokerUnusable';

  /**
   * @param code `no-java` and `no-maven`: the machine lacks them; `no-jars`: Maven can't fetch; `start-failed`: the broker's log says why
   * @param remedy one sentence that says what to do
   */
  constructor(
    readonly code: 'no-java' | 'no-maven' | 'no-jars' | 'start-failed',
    message: string,
    readonly remedy: string,
  ) {
    super(`${message} ${remedy}`);
  }
}
